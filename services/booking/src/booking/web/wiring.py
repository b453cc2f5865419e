"""What the handlers work with; `app.py` makes it at start and nobody changes it."""

from collections.abc import Mapping

import msgspec
from litestar import Litestar

from booking.clients.payment import PaymentClient
from booking.settings import Settings
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.feed_address import FeedLinks
from booking.usecases.go_to_checkout import Checkout
from booking.usecases.hold_queue import HoldQueue
from booking.usecases.write_letter import Links
from booking.web.short_cache import ShortCache
from kit.clock import Clock
from kit.requests import AnyConnection
from kit.sql import Pool


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    settings: Settings
    clock: Clock
    pool: Pool
    catalogues: CatalogueCache
    lists: ShortCache
    """Lists of free times, as bytes."""
    holds: HoldQueue
    payment: PaymentClient
    portals: Mapping[bytes, str]
    """Names of portals by the SHA-256 of their keys."""

    @property
    def checkout(self) -> Checkout:
        settings = self.settings
        return Checkout(client=self.payment, public_url=settings.public_url, return_origins=settings.return_origins)

    @property
    def links(self) -> Links:
        return Links(public_url=self.settings.public_url, key=self.settings.link_key)

    @property
    def feeds(self) -> FeedLinks:
        return FeedLinks(url=self.settings.feeds_url, key=self.settings.link_key)


def wire(app: Litestar, wiring: Wiring) -> None:
    app.state.wiring = wiring


def wired(request: AnyConnection) -> Wiring:
    wiring: Wiring = request.app.state.wiring
    return wiring

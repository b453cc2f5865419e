"""What the handlers work with; `app.py` makes it at start and nobody changes it."""

import msgspec
from litestar import Litestar

from kit.clock import Clock
from kit.rates import Rates
from kit.requests import AnyRequest
from kit.sql import Pool
from notify.clients.booking import BookingClient
from notify.settings import Settings
from notify.usecases.read_feed import FeedShelf


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    settings: Settings
    clock: Clock
    pool: Pool
    booking: BookingClient
    feeds: FeedShelf
    feed_rates: Rates | None


def wire(app: Litestar, wiring: Wiring) -> None:
    app.state.wiring = wiring


def wired(request: AnyRequest) -> Wiring:
    wiring: Wiring = request.app.state.wiring
    return wiring

"""The portal's composition root."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from httpx import AsyncBaseTransport
from litestar import Litestar, Router

from demo.portal import pages
from demo.portal.clients import Booking, Payments
from demo.portal.orders import Orders
from demo.portal.settings import Settings
from demo.portal.shop import Shop
from kit.clock import Clock, system_clock
from kit.log import set_up_logging
from kit.observe import live
from kit.serve import die_with_parent
from kit.settings import read_settings
from kit.web.brand import Brand, Brands
from kit.web.security import same_origin
from kit.web.site import Site


class PortalError(Exception):
    """Nothing of the portal's own goes wrong in a way that has a name; the pages use Litestar's errors."""


def create() -> Litestar:
    settings = read_settings(Settings)
    set_up_logging("portal", settings.log_level)
    die_with_parent()
    return build(settings, system_clock)


def build(settings: Settings, clock: Clock, transport: AsyncBaseTransport | None = None) -> Litestar:
    """`transport` carries the calls to booking and payment; the network's own where nothing is said."""
    brand = Brand(
        slug="kreis-heinsberg",
        name="Bürgerportal Kreis Heinsberg",
        primary="#9c1322",
        on_primary="#ffffff",
        accent="#e0b000",
        home=f"{settings.booking_url}/kreis-heinsberg",
    )

    async def load() -> list[Brand]:
        return [brand]

    site = Site(
        "demo.portal",
        brands=Brands(load),
        secure=settings.public_url.startswith("https:"),
        demo_mode=True,
        form_origins=settings.form_origins,
        sole_brand=brand,
    )

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        booking, payments = (
            Booking(settings.booking_url, transport=transport),
            Payments(settings.payment_url, settings.payment_api_key, transport),
        )
        shop = Shop(settings, Orders(settings.portal_data / "orders.sqlite"), payments)
        app.state.portal = pages.Portal(site, brand, shop, booking, clock)
        registration = asyncio.create_task(shop.register_webhook())
        yield
        registration.cancel()
        with suppress(asyncio.CancelledError):
            await registration
        await booking.close()
        await payments.close()

    shown = [pages.home, pages.show_form, pages.order_extract, pages.show_order, pages.deliver]
    app = Litestar(
        [Router("/", route_handlers=shown, guards=[same_origin]), pages.hear_payment, live, *site.handlers],
        lifespan=[lifespan],
        exception_handlers=site.exception_handlers(PortalError),
        openapi_config=None,
        logging_config=None,
    )
    site.install(app)
    return app

"""The sandbox's composition root."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from litestar import Litestar, Router

from demo.sandbox import (
    conformance_page,
    control,
    control_pages,
    pages,
    payouts_control,
    paypal_disputes,
    paypal_orders,
    paypal_payments,
    paypal_reporting,
    stripe_api,
    stripe_balance,
    stripe_disputes,
)
from demo.sandbox.accounts import load_accounts
from demo.sandbox.book import Book
from demo.sandbox.certificates import load_signer
from demo.sandbox.delivery import Sender
from demo.sandbox.desk import Desk
from demo.sandbox.settings import Settings
from kit.clock import Clock, system_clock
from kit.log import set_up_logging
from kit.observe import live
from kit.serve import die_with_parent
from kit.settings import read_settings
from kit.trust import public_authorities
from kit.web.brand import Brand, Brands
from kit.web.security import same_origin
from kit.web.site import Site


class SandboxError(Exception):
    """The root that the kit's handlers ask for; the sandbox answers its refusals in the providers' own shapes."""


def create() -> Litestar:
    settings = read_settings(Settings)
    set_up_logging("sandbox", settings.log_level)
    die_with_parent()
    return build(settings, system_clock)


def build(settings: Settings, clock: Clock) -> Litestar:
    site = Site(
        "demo.sandbox", brands=Brands(_no_brands), secure=settings.public_url.startswith("https:"), demo_mode=True
    )

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        settings.sandbox_data.mkdir(parents=True, exist_ok=True, mode=0o700)
        accounts = load_accounts(settings.sandbox_accounts, settings.payment_url)
        book = Book(settings.sandbox_data / "sandbox.sqlite")
        app.state.site = site
        app.state.desk = Desk(book, accounts, clock, settings.public_url)
        app.state.signer = load_signer(settings.sandbox_data, clock())
        async with httpx.AsyncClient(verify=public_authorities()) as http:
            sending = asyncio.create_task(Sender(app.state.desk, app.state.signer, http).run())
            yield
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        book.close()

    app = Litestar(
        [
            stripe_api.ROUTES,
            stripe_disputes.ROUTES,
            paypal_orders.ROUTES,
            paypal_payments.ROUTES,
            stripe_balance.ROUTES,
            paypal_reporting.ROUTES,
            payouts_control.ROUTES,
            paypal_disputes.ROUTES,
            control.ROUTES,
            conformance_page.ROUTES,
            Router(
                "/",
                route_handlers=[pages.show, pages.choose, *control_pages.HANDLERS, *conformance_page.PAGES],
                guards=[same_origin],
            ),
            live,
            *site.handlers,
        ],
        lifespan=[lifespan],
        exception_handlers=site.exception_handlers(SandboxError),
        openapi_config=None,
        logging_config=None,
    )
    site.install(app)
    return app


async def _no_brands() -> list[Brand]:
    return []

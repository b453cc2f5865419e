"""Composition root of the web process: settings → pool → Litestar. The only place that wires."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from litestar import Litestar

from kit.clock import Clock, system_clock
from kit.log import set_up_logging
from kit.observe import live, ready_handler
from kit.openapi import openapi_config
from kit.rates import Rates, parse_rate
from kit.requests import JsonRequest
from kit.serve import die_with_parent
from kit.sql import open_pool
from kit.trust import public_authorities
from kit.web.brand import Brand, Brands
from kit.web.site import Site
from notify.clients.booking import BookingClient
from notify.domain.errors import NotifyError
from notify.settings import Settings, load_settings
from notify.usecases.list_brands import list_brands
from notify.usecases.read_feed import FeedShelf
from notify.web import operations_api
from notify.web.api import get_deliveries, post_resend
from notify.web.feeds import get_feed
from notify.web.metrics import metrics
from notify.web.pages.routes import make_router
from notify.web.templates_api import TEMPLATE_ROUTES
from notify.web.wiring import Wiring, wire

BODY_BYTES_MAX = 64 * 1024
AGENDA_TIMEOUT_S = 10


def create() -> Litestar:
    """The factory that granian calls in each worker."""
    settings = load_settings()
    set_up_logging("notify", settings.log_level)
    die_with_parent()
    return build(settings, system_clock)


def build(settings: Settings, clock: Clock) -> Litestar:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        rate = parse_rate(settings.rate_feeds)
        async with (
            open_pool(settings.database_url) as pool,
            httpx.AsyncClient(timeout=AGENDA_TIMEOUT_S, verify=public_authorities()) as http,
        ):
            wiring = Wiring(
                settings=settings,
                clock=clock,
                pool=pool,
                booking=BookingClient(http, settings.booking_url, settings.service_token),
                feeds=FeedShelf(settings.feed_age_s),
                feed_rates=Rates(rate) if rate else None,
            )
            wire(app, wiring)
            yield

    async def load_brands() -> list[Brand]:
        return await list_brands(app.state.wiring.pool, settings.own_pages_url)

    site = Site("notify.web", brands=Brands(load_brands), secure=settings.public_url.startswith("https://"))
    app = Litestar(
        [
            get_deliveries,
            post_resend,
            get_feed,
            *operations_api.ROUTES,
            *TEMPLATE_ROUTES,
            make_router(),
            *site.handlers,
            live,
            metrics,
            ready_handler(lambda: app.state.wiring.pool),
        ],
        lifespan=[lifespan],
        request_class=JsonRequest,
        exception_handlers=site.exception_handlers(NotifyError),
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=openapi_config("Schalter: notify"),
        logging_config=None,
    )
    app.state.site = site
    site.install(app)
    return app

"""Composition root of the web process: settings → pool → Litestar. The only place that wires."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from kit.clock import Clock, system_clock
from kit.log import set_up_logging
from kit.observe import live, ready_handler
from kit.openapi import openapi_config
from kit.serve import die_with_parent
from kit.settings import read_settings
from kit.sql import open_pool
from kit.web.brand import Brand, Brands
from kit.web.site import Site
from notify.domain.errors import NotifyError
from notify.settings import Settings
from notify.usecases.list_brands import list_brands
from notify.web import operations_api, operations_pages
from notify.web.api import get_deliveries, post_resend
from notify.web.metrics import metrics
from notify.web.templates_api import TEMPLATE_ROUTES
from notify.web.templates_page import PAGE_ROUTES
from notify.web.wiring import Wiring, wire

BODY_BYTES_MAX = 64 * 1024


def create() -> Litestar:
    """The factory that granian calls in each worker."""
    settings = read_settings(Settings)
    set_up_logging("notify", settings.log_level)
    die_with_parent()
    return build(settings, system_clock)


def build(settings: Settings, clock: Clock) -> Litestar:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_pool(settings.database_url) as pool:
            wire(app, Wiring(settings=settings, clock=clock, pool=pool))
            yield

    async def load_brands() -> list[Brand]:
        return await list_brands(app.state.wiring.pool, settings.own_pages_url)

    site = Site("notify.web", brands=Brands(load_brands), secure=settings.public_url.startswith("https://"))
    app = Litestar(
        [
            get_deliveries,
            post_resend,
            *operations_api.ROUTES,
            *operations_pages.ROUTES,
            *TEMPLATE_ROUTES,
            *PAGE_ROUTES,
            *site.handlers,
            live,
            metrics,
            ready_handler(lambda: app.state.wiring.pool),
        ],
        lifespan=[lifespan],
        exception_handlers=site.exception_handlers(NotifyError),
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=openapi_config("Schalter: notify"),
        logging_config=None,
    )
    app.state.site = site
    site.install(app)
    return app

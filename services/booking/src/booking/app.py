"""Composition root of the web process: settings → pool → Litestar. The only place that wires."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Response
from litestar.types import ExceptionHandlersMap

from booking.clients.payment import open_payment
from booking.domain.errors import BookingError, Unauthorised
from booking.settings import Settings, load_settings, read_payment_api_keys, read_portals
from booking.store.catalogue import list_tenants
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.hold_queue import HoldQueue
from booking.web.limits import Limits
from booking.web.pages.routes import make_router
from booking.web.pages.visit import Tenants
from booking.web.routes import ROUTES
from booking.web.short_cache import ShortCache
from booking.web.wiring import Wiring, wire
from contracts.tenant import TenantProfile
from kit.clock import Clock, system_clock
from kit.log import set_up_logging
from kit.observe import live, metrics, ready_handler
from kit.openapi import openapi_config
from kit.requests import AnyRequest, JsonRequest
from kit.serve import die_with_parent, settle
from kit.sql import open_pool
from kit.web.site import Site

BODY_BYTES_MAX = 64 * 1024


def create() -> Litestar:
    """The factory that granian calls in each worker."""
    settings = load_settings()
    set_up_logging("booking", settings.log_level)
    die_with_parent()
    return build(settings, system_clock)


def build(settings: Settings, clock: Clock) -> Litestar:
    """What the application is; what lives with it begins with its lifespan, and ends with it."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        settings, clock = app.state.settings, app.state.clock
        tenants.forget()
        keys = read_payment_api_keys(settings.payment_api_keys_file)
        async with open_pool(settings.database_url) as pool, open_payment(settings.payment_url, keys) as payment:
            wiring = Wiring(
                settings=settings,
                clock=clock,
                pool=pool,
                catalogues=CatalogueCache(pool, settings.catalogue_age_s, settings.catalogues_max),
                lists=ShortCache(settings.list_age_s),
                holds=HoldQueue(pool),
                payment=payment,
                portals=read_portals(settings.portal_keys_file),
            )
            wire(app, wiring)
            settle()
            yield

    async def load_tenants() -> list[TenantProfile]:
        async with app.state.wiring.pool.acquire() as connection:
            return await list_tenants(connection)

    tenants = Tenants(load_tenants)
    site = Site(
        "booking.web",
        brands=tenants.brands,
        secure=settings.public_url.startswith("https:"),
        demo_mode=settings.demo_mode,
        form_origins=settings.checkout_origins,
    )
    limits = Limits(settings)
    app = Litestar(
        [*ROUTES, make_router(), *site.handlers, live, metrics, ready_handler(lambda: app.state.wiring.pool)],
        lifespan=[lifespan],
        before_request=limits.check,
        request_class=JsonRequest,
        exception_handlers=_exception_handlers(site, limits),
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=openapi_config("Schalter: booking"),
        logging_config=None,
    )
    app.state.settings, app.state.clock, app.state.site, app.state.tenants = settings, clock, site, tenants
    app.state.limits = limits
    site.install(app)
    return app


def _exception_handlers(site: Site, limits: Limits) -> ExceptionHandlersMap:
    """The site's; a wrong token is counted as well."""
    handlers = site.exception_handlers(BookingError)

    def on_unauthorised(request: AnyRequest, error: Unauthorised) -> Response[Any]:
        return handlers[BookingError](request, limits.count_failure(request) or error)

    return {**handlers, Unauthorised: on_unauthorised}

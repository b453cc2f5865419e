"""Composition root: settings → pool → gateways → tools → Litestar. The only place that wires."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import certifi
import httpx
import msgspec
import stripe
from litestar import Litestar

from kit.batches import Batches
from kit.clock import Clock, system_clock
from kit.log import set_up_logging
from kit.observe import live, metrics, ready_handler
from kit.openapi import openapi_config
from kit.requests import JsonRequest
from kit.serve import die_with_parent, settle
from kit.sql import Pool, open_pool
from kit.trust import public_authorities
from kit.web.brand import Brand, Brands
from kit.web.site import Site
from payment.domain.errors import Forbidden, PaymentError
from payment.gateways.gateway import Gateway
from payment.gateways.paypal import PayPalGateway
from payment.gateways.paypal_certificates import FETCHES
from payment.gateways.paypal_client import PayPalAccount, PayPalClient
from payment.gateways.paypal_webhooks import WebhookTrust, WebhookVerifier
from payment.gateways.stripe import StripeAccount, StripeGateway
from payment.gateways.xbezahldienste import XBezahldiensteGateway
from payment.gateways.xbezahldienste_client import XBezahldiensteAccount, XBezahldiensteClient, make_tls
from payment.settings import Settings, load_settings
from payment.usecases.authenticate import find_keys
from payment.usecases.find_gateway import AccountGateways
from payment.usecases.follow_ups import open_follow_ups
from payment.usecases.list_brands import list_brands
from payment.usecases.start_payment import start_payments
from payment.usecases.take_webhook import note_events
from payment.usecases.tools import Tools
from payment.web import api, pages, receipts, webhook_endpoints, webhooks, xbezahldienste
from payment.web.limits import Limits
from payment.web.staff import STAFF_ROUTES
from payment.web.wiring import Wiring

BODY_BYTES_MAX = 256 * 1024
PROVIDER_TIMEOUT_S = 20
CERTIFICATE_TIMEOUT_S = 5
ROUTES = (
    *api.ROUTES,
    *STAFF_ROUTES,
    *webhooks.ROUTES,
    *webhook_endpoints.ROUTES,
    xbezahldienste.router,
    *pages.ROUTES,
    *receipts.ROUTES,
)


@asynccontextmanager
async def open_tools(settings: Settings, clock: Clock) -> AsyncIterator[Tools]:
    """All that use cases need, for the web process and the worker alike."""
    stripe_http = stripe.HTTPXClient(timeout=PROVIDER_TIMEOUT_S)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(open_pool(settings.database_url))
        stack.push_async_callback(stripe_http.close_async)
        yield Tools(
            unbound_pool=pool,
            gateways=await _gateways(settings, pool, clock, stack, stripe_http),
            clock=clock,
            link_key=settings.link_key,
            accounts_key=settings.accounts_key,
            public_url=settings.public_url,
            demo_mode=settings.demo_mode,
            allow_loopback=settings.allow_loopback,
        )


async def _gateways(
    settings: Settings, pool: Pool, clock: Clock, stack: AsyncExitStack, stripe_http: stripe.HTTPXClient
) -> AccountGateways:
    """`stack` closes what they hold."""
    http = await stack.enter_async_context(httpx.AsyncClient(timeout=PROVIDER_TIMEOUT_S, verify=public_authorities()))
    ca_file = Path(settings.paypal_ca_file or certifi.where())
    trust = WebhookTrust(
        cert_hosts=settings.paypal_cert_hosts,
        read_roots=ca_file.read_bytes,
        plain_http=settings.allow_loopback,
    )
    certificates_http = await stack.enter_async_context(
        httpx.AsyncClient(
            timeout=CERTIFICATE_TIMEOUT_S,
            limits=httpx.Limits(max_connections=FETCHES.burst, max_keepalive_connections=1),
            verify=public_authorities(),
        )
    )
    verifier = WebhookVerifier(trust, certificates_http, clock)

    def build_stripe(secrets: bytes) -> Gateway:
        account = msgspec.json.decode(secrets, type=StripeAccount)
        if settings.demo_mode and account.live:
            raise Forbidden("This is a demo: it refuses Stripe's live keys.")
        return StripeGateway(account, settings.stripe_url, stripe_http)

    def build_paypal(secrets: bytes) -> Gateway:
        account = msgspec.json.decode(secrets, type=PayPalAccount)
        return PayPalGateway(account, PayPalClient(account, settings.paypal_url, http, clock), verifier)

    def build_xbezahldienste(secrets: bytes) -> Gateway:
        """With a client of its own: it carries this account's certificate."""
        account = msgspec.json.decode(secrets, type=XBezahldiensteAccount)
        own_http = httpx.AsyncClient(verify=make_tls(account), timeout=PROVIDER_TIMEOUT_S)
        stack.push_async_callback(own_http.aclose)
        return XBezahldiensteGateway(account, XBezahldiensteClient(account, own_http), clock)

    return AccountGateways(
        pool,
        settings.accounts_key,
        {"stripe": build_stripe, "paypal": build_paypal, "xbezahldienste": build_xbezahldienste},
        settings.accounts_age_s,
    )


def create() -> Litestar:
    """The factory that granian calls in each worker."""
    settings = load_settings()
    set_up_logging("payment", settings.log_level)
    die_with_parent()
    return build(settings, system_clock)


def build(settings: Settings, clock: Clock) -> Litestar:
    """What the application is; what lives with it begins with its lifespan, and ends with it."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        settings, clock = app.state.settings, app.state.clock
        brands.forget()
        async with open_tools(settings, clock) as tools, open_follow_ups(tools) as follow_ups:
            app.state.wiring = Wiring(
                settings=settings,
                tools=tools,
                limits=Limits(settings),
                look_ups=Batches(partial(find_keys, tools)),
                creations=Batches(partial(start_payments, tools)),
                notes=Batches(partial(note_events, tools)),
                follow_ups=follow_ups,
            )
            settle()
            yield

    async def load_brands() -> list[Brand]:
        return await list_brands(app.state.wiring.tools.unbound_pool, settings.own_pages_url)

    brands = Brands(load_brands)
    site = Site(
        "payment.web",
        brands=brands,
        secure=settings.public_url.startswith("https://"),
        demo_mode=settings.demo_mode,
        form_origins=settings.provider_origins,
    )
    app = Litestar(
        [*ROUTES, *site.handlers, live, metrics, ready_handler(lambda: app.state.wiring.tools.unbound_pool)],
        lifespan=[lifespan],
        request_class=JsonRequest,
        exception_handlers=site.exception_handlers(PaymentError),
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=openapi_config("Schalter: payment"),
        plugins=[xbezahldienste.AmountSchema()],
        logging_config=None,
    )
    app.state.settings, app.state.clock = settings, clock
    app.state.site = site
    site.install(app)
    return app

"""Both gateways as production builds them, but for the base address, against one sandbox per test process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from litestar.testing import AsyncTestClient
from tests.payment.gateways.other_side import SECRET, TOWN, OtherSide
from tests.payment.support.house import Clock as TestClock
from tests.payment.support.house import settings_for, tools_with
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.transactions import configure_originators
from tests.support.database import Database
from tests.support.sandbox import Sandbox
from tests.support.stripe_types import CheckedClient

from contracts.money import Money
from kit.clock import Clock, system_clock
from kit.sql import Pool
from kit.trust import public_authorities
from payment.app import build
from payment.gateways.gateway import Gateway, OpenedSession, OpenSession, SessionView
from payment.gateways.paypal import PayPalGateway
from payment.gateways.paypal_client import PayPalAccount, PayPalClient
from payment.gateways.paypal_webhooks import WebhookTrust, WebhookVerifier
from payment.gateways.stripe import StripeAccount, StripeGateway

TENANT = "heinsberg"
SUCCESS_URL = "https://payment.example/heinsberg/zurueck?a=1"
CANCEL_URL = "https://payment.example/heinsberg/abbruch"


class Maker:
    """Builds gateways and closes what they hold."""

    def __init__(self, sandbox: Sandbox, paypal_url: str = "") -> None:
        self.sandbox = sandbox
        self._paypal_url = paypal_url or sandbox.url
        self.stripe_clients: list[CheckedClient] = []
        self._closers: list[Callable[[], Awaitable[Any]]] = []

    def stripe(self, *, timeout_s: float = 5, page_size: int = 100, **account: Any) -> StripeGateway:
        http = CheckedClient(timeout=timeout_s)
        self.stripe_clients.append(http)
        self._closers.append(http.close_async)
        keys = {"secret_key": f"sk_test_{TENANT}", "webhook_secrets": (f"whsec_{TENANT}",)} | account
        return StripeGateway(StripeAccount(**keys), self.sandbox.url, http, page_size=page_size)

    def paypal(
        self, *, timeout_s: float = 5, clock: Clock = system_clock, trust: dict[str, Any] | None = None, **account: Any
    ) -> PayPalGateway:
        http = httpx.AsyncClient(timeout=timeout_s, verify=public_authorities())
        self._closers.append(http.aclose)
        keys = {
            "client_id": f"paypal-client-{TENANT}",
            "client_secret": f"paypal-secret-{TENANT}",
            "webhook_id": f"WH-{TENANT.upper()}",
        } | account
        ours = {
            "cert_hosts": (urlsplit(self.sandbox.url).netloc,),
            "read_roots": (self.sandbox.data / "paypal-ca.pem").read_bytes,
            "plain_http": True,
        } | (trust or {})
        verifier = WebhookVerifier(WebhookTrust(**ours), http, clock)
        paypal = PayPalAccount(**keys)
        return PayPalGateway(paypal, PayPalClient(paypal, self._paypal_url, http, clock), verifier)

    def make(self, provider: str, **options: Any) -> Gateway:
        return self.stripe(**options) if provider == "stripe" else self.paypal(**options)

    async def close(self) -> None:
        for close in self._closers:
            await close()


@pytest.fixture
async def maker(sandbox: Sandbox) -> AsyncIterator[Maker]:
    maker = Maker(sandbox)
    yield maker
    await maker.close()


@pytest.fixture(params=["stripe", "paypal"])
def provider(request: pytest.FixtureRequest) -> str:
    """Those that can do everything; `test_contract_of_all.py` has the others as well."""
    return str(request.param)


@pytest.fixture
def gateway(provider: str, maker: Maker) -> Gateway:
    return maker.make(provider)


class Order(OpenSession, frozen=True, kw_only=True):
    """What a test wants to be paid, with keys as payment makes them."""

    def key_of(self, verb: str) -> str:
        return f"att_{self.attempt_id}:{verb}"


def order(capture: str = "automatic", cents: int = 4600, **changes: Any) -> Order:
    attempt = str(uuid4())
    wanted: dict[str, Any] = {
        "attempt_id": attempt,
        "key": f"att_{attempt}:create",
        "amount": Money(cents),
        "capture": capture,
        "reference": f"H-{uuid4().hex[:12].upper()}",
        "success_url": SUCCESS_URL,
        "cancel_url": CANCEL_URL,
        "requested_at": datetime.now(UTC),
        "expires_at": datetime.now(UTC) + timedelta(minutes=30),
    }
    return Order(**wanted | changes)


class Citizen:
    """Presses the hosted page's buttons."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def see(self, opened: OpenedSession) -> str:
        answer = await self.http.get(opened.redirect_url, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        return answer.text

    async def press(self, opened: OpenedSession, choice: str, **fields: str) -> str:
        """Where the press leads to."""
        answer = await self.http.post(opened.redirect_url, data={"choice": choice, **fields})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


@pytest.fixture
async def citizen() -> AsyncIterator[Citizen]:
    async with httpx.AsyncClient(verify=public_authorities()) as http:
        yield Citizen(http)


async def pay(gateway: Gateway, citizen: Citizen, wanted: Order) -> tuple[OpenedSession, SessionView]:
    opened = await gateway.open_session(wanted)
    await citizen.press(opened, "pay")
    return opened, await gateway.authorise(opened.session_id, wanted.key_of("authorise"))


@pytest.fixture
async def other_side(payment_database: Database, house: Pool, clock: TestClock, key: str) -> AsyncIterator[OtherSide]:
    await configure_originators(house)
    settings = settings_for(
        payment_database.url, public_url=TOWN, client_cert_header="Client-Cert", client_cert_secret=SECRET
    )
    app, provider = build(settings, clock), MemoryProvider()
    async with AsyncTestClient(app, base_url=TOWN) as http, tools_with(house, provider, clock) as tools:
        yield OtherSide(http, house, tools, provider, key)

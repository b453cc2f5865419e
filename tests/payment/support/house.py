"""A payment service for tests: one tenant with both providers, on a fresh database, with a clock that tests set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import msgspec
from cryptography.fernet import Fernet
from tests.payment.support.camt import IBAN

from contracts.payment import NewPayment, PaymentItem, PaymentView
from contracts.tenant import Address, Colours, TenantProfile, TenantsFile
from kit.batches import Batches
from kit.idempotency import fingerprint
from kit.sql import Pool
from payment.domain.api_key import SCOPES
from payment.gateways.paypal_client import PayPalAccount
from payment.gateways.stripe import StripeAccount
from payment.settings import Settings
from payment.usecases.configure import AccountsFile, TenantAccounts, configure
from payment.usecases.issue_api_key import issue_api_key
from payment.usecases.once import Once
from payment.usecases.start_payment import start_payment, start_payments
from payment.usecases.tools import Tools

TENANT = "heinsberg"
ACCOUNTS_KEY = Fernet.generate_key().decode()
LINK_KEY = "link-key-of-the-tests"
STAFF_KEY = "staff-key-of-the-tests"
PUBLIC_URL = "http://127.0.0.1:8002"
PORTAL = "https://portal.example"


class Clock:
    """The time stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


def profile(slug: str = TENANT) -> TenantProfile:
    return TenantProfile(
        slug=slug,
        name=f"Stadt {slug.capitalize()}",
        kind="Stadt",
        ars="053700016016",
        colours=Colours("#123456", "#ffffff", "#ffcc00"),
        address=Address("Apfelstraße 60", "52525", "Heinsberg"),
        email="rathaus@example.org",
        phone="02452 140",
        represented_by="den Bürgermeister",
    )


def accounts(slug: str = TENANT, *, standing_order: bool = True) -> TenantAccounts:
    return TenantAccounts(
        tenant=slug,
        kassenzeichen=f"T{uuid4().hex[:6].upper()}-{{year}}-{{number:07}}-{{check}}",
        standing_order=standing_order,
        iban=IBAN,
        return_origins=[PORTAL],
        stripe=StripeAccount(secret_key=f"sk_test_{slug}", webhook_secrets=(f"whsec_{slug}",)),
        paypal=PayPalAccount(
            client_id=f"paypal-client-{slug}", client_secret=f"paypal-secret-{slug}", webhook_id=f"WH-{slug.upper()}"
        ),
    )


async def configure_tenants(pool: Pool, *slugs: str, standing_order: bool = True) -> None:
    tenants = TenantsFile(tuple(profile(slug) for slug in slugs))
    entries = AccountsFile(tuple(accounts(slug, standing_order=standing_order) for slug in slugs))
    await configure(pool, tenants, entries, ACCOUNTS_KEY, demo_mode=True)


async def key_for(pool: Pool, clock: Clock, slug: str = TENANT, scopes: Any = SCOPES, mode: Any = "test") -> str:
    return await issue_api_key(pool, clock, tenant=slug, mode=mode, scopes=scopes, label="test")


def settings_for(database_url: str, **changes: Any) -> Settings:
    values = {
        "database_url": database_url,
        "public_url": PUBLIC_URL,
        "link_key": LINK_KEY,
        "staff_key": STAFF_KEY,
        "accounts_key": ACCOUNTS_KEY,
        "accounts_age_s": 0.0,
        "demo_mode": True,
        "allow_loopback": True,
    }
    return Settings(**(values | changes))


def body(**changes: Any) -> dict[str, Any]:
    """Of `POST /v1/payments`."""
    return {
        "reference": "order-1",
        "description": "Auszug Liegenschaftskarte",
        "items": [
            {"description": "Auszug", "quantity": 1, "amount_cents": 1500, "accounting": {"Haushaltsstelle": "51110"}}
        ],
        "return_url": f"{PORTAL}/danke?order=1",
    } | changes


def order(**changes: Any) -> NewPayment:
    values: dict[str, Any] = {
        "reference": "order-1",
        "description": "Auszug Liegenschaftskarte",
        "items": [PaymentItem(description="Auszug", quantity=1, amount_cents=1500)],
        "return_url": f"{PORTAL}/danke?order=1",
    }
    return NewPayment(**(values | changes))


def once(scope: str = "heinsberg:test", key: str | None = None, content: bytes = b"") -> Once:
    return Once(scope=scope, key=key or str(uuid4()), fingerprint=fingerprint(content))


async def start(tools: Tools, tenant: str = TENANT, **changes: Any) -> PaymentView:
    creations = Batches(partial(start_payments, tools))
    answer = await start_payment(tools, creations, tenant, order(**changes), once(), "key:test")
    return answer.payment


async def state_of(pool: Pool, payment_id: UUID) -> str:
    return str(await pool.fetchval("SELECT state FROM payment WHERE id = $1", payment_id))


async def event_types(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT subject FROM outbox ORDER BY position")
    return [row["subject"] for row in rows]


class WatchedTools(Tools, frozen=True, kw_only=True):
    """`pool` is the test's, which sees all; use cases have no bare one."""

    pool: Pool


@asynccontextmanager
async def tools_with(pool: Pool, gateways: Any, clock: Clock) -> AsyncIterator["WatchedTools"]:
    yield WatchedTools(
        pool=pool,
        unbound_pool=pool,
        gateways=gateways,
        clock=clock,
        link_key=LINK_KEY,
        accounts_key=ACCOUNTS_KEY,
        public_url=PUBLIC_URL,
        demo_mode=True,
        allow_loopback=True,
    )


async def configure_without_webhooks(pool: Pool, slug: str = TENANT) -> None:
    stripe = StripeAccount(secret_key=f"sk_test_{slug}")
    entry = msgspec.structs.replace(accounts(slug), stripe=stripe)
    await configure(pool, TenantsFile((profile(slug),)), AccountsFile((entry,)), ACCOUNTS_KEY, demo_mode=True)

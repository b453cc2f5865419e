"""Towns with two tenants' accounts, and what an attacker might send them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
from litestar.testing import AsyncTestClient
from tests.payment.support.apps import lent_app
from tests.payment.support.house import (
    ACCOUNTS_KEY,
    Clock,
    accounts,
    body,
    profile,
    settings_for,
)
from tests.support.database import Database

from contracts.tenant import TenantsFile
from demo.sandbox.delivery import stripe_headers
from kit.sql import Pool
from payment.gateways.stripe import StripeAccount
from payment.usecases.configure import AccountsFile, configure

Client = AsyncTestClient[Any]


TOWNS = ("heinsberg", "erkelenz")


def event(id_: str = "evt_1", *, livemode: bool = False, attempt_id: str = "") -> bytes:
    metadata = {"attempt_id": attempt_id} if attempt_id else {}
    what = {"id": "cs_1", "object": "checkout.session", "metadata": metadata}
    content = {"id": id_, "type": "checkout.session.completed", "livemode": livemode, "data": {"object": what}}
    return msgspec.json.encode(content)


async def configure_stripe(pool: Pool, slug: str = "heinsberg", *, demo_mode: bool = True, **changes: Any) -> None:
    account = StripeAccount(**({"secret_key": f"sk_test_{slug}", "webhook_secrets": (f"whsec_{slug}",)} | changes))
    entry = msgspec.structs.replace(accounts(slug), stripe=account)
    await configure(pool, TenantsFile((profile(slug),)), AccountsFile((entry,)), ACCOUNTS_KEY, demo_mode=demo_mode)


async def send(client: Client, content: bytes, *secrets: str, slug: str = "heinsberg", age_s: int = 0) -> int:
    headers = stripe_headers(content, secrets, datetime.now(UTC) - timedelta(seconds=age_s))
    return (await client.post(f"/webhooks/{slug}/stripe", content=content, headers=headers)).status_code


@asynccontextmanager
async def serving(database: Database, clock: Clock, **changes: Any) -> AsyncIterator[Client]:
    with lent_app(settings_for(database.url, **changes), clock) as app:
        async with AsyncTestClient(app, raise_server_exceptions=False) as client:
            yield client


async def create(client: Client, key: str, **changes: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid4())}
    return await client.post("/v1/payments", json=body(**changes), headers=headers)

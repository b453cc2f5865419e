"""Payment as it is shipped, in a process of its own, with payments to ask about."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from schemathesis import Case
from tests.bench.machines import web_server
from tests.payment.support.house import (
    ACCOUNTS_KEY,
    LINK_KEY,
    PORTAL,
    PUBLIC_URL,
    STAFF_KEY,
    TENANT,
    Clock,
    configure_tenants,
    key_for,
    once,
    start,
    tools_with,
)
from tests.payment.support.paying import authorised, paid
from tests.payment.support.provider import MemoryProvider
from tests.support.database import Database, fresh_database
from tests.support.worker import free_port

from contracts.payment import NewRefund
from demo.processes import HIGH_RATES
from kit.sql import open_pool
from kit.tokens import StaffClaims, sign
from payment.usecases.add_webhook_endpoint import add_webhook_endpoint
from payment.usecases.request_refund import request_refund

EACH = 3


class House:
    """Who asks: a portal with a key for everything, or a member of staff who may do all; and about what."""

    def __init__(self, url: str, key: str, known: dict[str, list[UUID]]) -> None:
        self.url, self.key, self.known = url, key, known
        claims = StaffClaims(
            subject="kai.kaemmerer",
            tenant=TENANT,
            roles=("treasurer", "operator", "lead", "admin"),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
        )
        self.staff = sign(STAFF_KEY, "staff", claims)
        self.asked = 0

    def ask(self, case: Case, **options: Any) -> None:
        """Every other time about something that is there; now and then by somebody without any right."""
        self.asked += 1
        if self.asked % 2:
            known = {name: str(ids[self.asked // 2 % len(ids)]) for name, ids in self.known.items()}
            known["tenant"] = TENANT
            case.path_parameters.update({name: known[name] for name in known.keys() & case.path_parameters.keys()})
        if self.asked % 3 and isinstance(case.body, dict):
            _make_likely(case.body)
        case.call_and_validate(self.url, headers=self._headers(case), **options)

    def _headers(self, case: Case) -> dict[str, str]:
        headers = {"Idempotency-Key": str(uuid4())} if case.method != "GET" else {}
        if self.asked % 7:
            is_staffs = "/staff/" in case.path or case.path.endswith("/approval") or self.asked % 5 == 0
            headers["Authorization"] = f"Bearer {self.staff if is_staffs else self.key}"
        return headers


def _make_likely(body: dict[str, Any]) -> None:
    """What no schema can say, so that the rest of an order is looked at."""
    likely = {"return_url": f"{PORTAL}/danke", "currency": "EUR", "url": "https://portal.example/hook"}
    likely |= {"expires_in_s": None}
    body.update({name: likely[name] for name in likely.keys() & body.keys()})
    for item in body["items"] if isinstance(body.get("items"), list) else []:
        if isinstance(item, dict):
            item |= {"quantity": 1, "amount_cents": 100}


@pytest.fixture(scope="module")
def openapi_database() -> Iterator[Database]:
    yield from fresh_database("payment")


@pytest.fixture(scope="module")
def house(openapi_database: Database) -> Iterator[House]:
    key, known = asyncio.run(_furnish(openapi_database.all_tenants_url))
    port = free_port()
    nobody = f"http://127.0.0.1:{free_port()}"
    environment = {
        "DATABASE_URL": openapi_database.url,
        "PORT": str(port),
        "LOG_LEVEL": "CRITICAL",
        "PUBLIC_URL": PUBLIC_URL,
        "LINK_KEY": LINK_KEY,
        "STAFF_KEY": STAFF_KEY,
        "ACCOUNTS_KEY": ACCOUNTS_KEY,
        "STRIPE_URL": nobody,
        "PAYPAL_URL": nobody,
        "DEMO_MODE": "true",
        "ALLOW_LOOPBACK": "true",
    } | HIGH_RATES
    with web_server(["payment", "serve"], port, environment, "/health/ready"):
        yield House(f"http://127.0.0.1:{port}", key, known)


async def _furnish(url: str) -> tuple[str, dict[str, list[UUID]]]:
    """Payments in several states, refunds that wait for a second person, a delivery to be sent again."""
    clock, provider = Clock(), MemoryProvider()
    async with open_pool(url) as pool, tools_with(pool, provider, clock) as tools:
        await configure_tenants(pool, TENANT, standing_order=False)
        await add_webhook_endpoint(tools, TENANT, "https://portal.example/hook", ["payment.paid"], once())
        payments = []
        for _ in range(EACH):
            payments.append(await paid(tools, provider))
            wanted = NewRefund(amount_cents=100, reason="goodwill")
            await request_refund(tools, TENANT, payments[-1], wanted, once(), actor="staff:petra")
            payments += [await authorised(tools, provider), (await start(tools)).id]
        known = {
            "payment_id": payments,
            "refund_id": [row["id"] for row in await pool.fetch("SELECT id FROM refund")],
            "delivery_id": [row["id"] for row in await pool.fetch("SELECT id FROM webhook_delivery")],
        }
        return await key_for(pool, clock), known

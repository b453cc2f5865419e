"""Notify as it is shipped, in a process of its own, with mails to ask about and words that a tenant changed."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from schemathesis import Case
from tests.bench.machines import free_port, web_server
from tests.notify.letters import NOW, TENANT, a_letter
from tests.notify.templates.asking import OWN
from tests.notify.writing import occasion_of
from tests.support.database import Database, fresh_database

from contracts.tenant import TenantsFile
from kit.clock import system_clock
from kit.sql import open_pool
from kit.tokens import StaffClaims, sign
from notify.domain.wording import Source
from notify.store.appointments import insert_appointment
from notify.store.deliveries import insert_delivery
from notify.usecases.configure import configure
from notify.usecases.save_template import Saving, save_template
from notify.usecases.write_mail import Office, write_mail

KEYS = {
    "link_key": "openapi-link-key-0123",
    "staff_key": "openapi-staff-key-0123",
    "service_token": "openapi-service-token",
}


class House:
    """Who asks: an admin of the tenant, every other time about something that is there."""

    def __init__(self, url: str, known: dict[str, UUID]) -> None:
        self.url, self.known = url, known
        claims = StaffClaims(
            subject="a.claessen",
            tenant=TENANT.slug,
            roles=("clerk", "lead", "admin", "operator"),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
        )
        self.staff = sign(KEYS["staff_key"], "staff", claims)
        self.asked = 0

    def ask(self, case: Case, **options: Any) -> None:
        self.asked += 1
        if self.asked % 2:
            known = {"kind": "confirmation", "language": "de", "delivery_id": str(self.known["delivery_id"])}
            case.path_parameters.update({name: known[name] for name in known.keys() & case.path_parameters.keys()})
        if self.asked % 3 == 0 and isinstance(case.body, dict):
            case.body.update({name: OWN[name] for name in OWN.keys() & case.body.keys()})
        case.call_and_validate(self.url, headers=self._headers(case), **options)

    def _headers(self, case: Case) -> dict[str, str]:
        headers = {"Idempotency-Key": str(uuid4())} if case.method == "POST" else {}
        return headers | ({"Authorization": f"Bearer {self.staff}"} if self.asked % 7 else {})


@pytest.fixture(scope="module")
def openapi_database() -> Iterator[Database]:
    yield from fresh_database("notify")


@pytest.fixture(scope="module")
def house(openapi_database: Database) -> Iterator[House]:
    known = asyncio.run(_furnish(openapi_database.url))
    port = free_port()
    environment = {"DATABASE_URL": openapi_database.url, "PORT": str(port), "LOG_LEVEL": "CRITICAL", "SMTP_TLS": "none"}
    environment |= {name.upper(): value for name, value in KEYS.items()}
    with web_server(["notify", "serve"], port, environment, "/health/ready"):
        yield House(f"http://127.0.0.1:{port}", known)


async def _furnish(url: str) -> dict[str, UUID]:
    office, letter = Office("termine@schalter.example", KEYS["link_key"]), a_letter()
    delivery = write_mail(office, occasion_of("receipt", letter), NOW, NOW)
    async with open_pool(url) as pool, pool.acquire() as connection:
        await configure(pool, TenantsFile((TENANT,)))
        await insert_appointment(connection, letter, NOW)
        await insert_delivery(connection, delivery, NOW)
        own = Source(OWN["subject"], OWN["body"])
        await save_template(pool, system_clock, "", Saving(TENANT.slug, "confirmation", "de", own, None, "staff:x"))
    return {"delivery_id": delivery.id}

"""Booking as it is shipped, in a process of its own, with a town to book in."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from schemathesis import Case
from tests.bench.machines import free_port, web_server
from tests.booking import sample
from tests.support.database import Database, fresh_database

from booking.usecases.configure import configure
from kit.clock import system_clock
from kit.sql import open_pool
from kit.tokens import StaffClaims, sign

KEYS = {
    "link_key": "openapi-link-key-0123",
    "staff_key": "openapi-staff-key-0123",
    "service_token": "openapi-service-token",
}
APPOINTMENTS = 5


class House:
    """Who asks: staff where the path is theirs, a citizen with a token that fits where it is an appointment's."""

    def __init__(self, url: str) -> None:
        self.url = url
        claims = StaffClaims(
            subject="anna.claessen",
            tenant=sample.TENANT,
            roles=("clerk", "lead", "admin"),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
        )
        self.staff = sign(KEYS["staff_key"], "staff", claims)
        self.held = [self._hold() for _ in range(APPOINTMENTS)]
        self.asked = 0

    def ask(self, case: Case, **options: Any) -> None:
        """Every other time about something that is there, with the right to it; else about anything."""
        self.asked += 1
        headers = {"Idempotency-Key": str(uuid4())} if case.method in ("POST", "PUT", "DELETE") else {}
        if "/staff/" in case.path:
            headers["Authorization"] = f"Bearer {self.staff}"
        if self.asked % 2:
            held = self.held[self.asked // 2 % APPOINTMENTS]
            known = {"tenant": sample.TENANT, "appointment_id": held["id"]}
            case.path_parameters.update({name: known[name] for name in known.keys() & case.path_parameters.keys()})
            headers.setdefault("Authorization", f"Bearer {held['access_token']}")
        case.call_and_validate(self.url, headers=headers, **options)

    def _hold(self) -> Any:
        """The first time that is free."""
        tenant, items = f"{self.url}/v1/tenants/{sample.TENANT}", f"{sample.service_id(sample.PERSO)}:1"
        days = httpx.get(f"{tenant}/availability", params={"items": items}).json()["days"]
        day = next(day for day in days if day["times"])
        start = datetime.fromisoformat(f"{day['date']}T{day['times'][0]}").replace(tzinfo=ZoneInfo("Europe/Berlin"))
        body = {"items": [{"service_id": str(sample.service_id(sample.PERSO))}], "start": start.isoformat()}
        answer = httpx.post(f"{tenant}/appointments", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def openapi_database() -> Iterator[Database]:
    yield from fresh_database("booking")


@pytest.fixture(scope="module")
def house(openapi_database: Database) -> Iterator[House]:
    asyncio.run(_configure(openapi_database.url))
    port = free_port()
    environment = {"DATABASE_URL": openapi_database.url, "PORT": str(port), "LOG_LEVEL": "ERROR", "LIST_AGE_S": "0"}
    environment |= {name.upper(): value for name, value in KEYS.items()}
    with web_server(["booking", "serve"], port, environment, "/health/ready"):
        yield House(f"http://127.0.0.1:{port}")


async def _configure(url: str) -> None:
    async with open_pool(url) as pool:
        await configure(pool, sample.files(), system_clock)

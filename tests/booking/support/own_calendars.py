"""Clerks' own calendars: connected by the calls, read by the worker's use case, seen in what is free."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
from cryptography.fernet import Fernet
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.sample import TENANT
from tests.booking.support.apps import lent_app
from tests.booking.support.life import Life
from tests.booking.support.staff import staff

from booking.domain.configuration import id_for
from booking.settings import Settings
from booking.usecases.read_busy_times import BusyReader

KEY = Fernet.generate_key()
CLERKS = [id_for(TENANT, "clerk", f"Clerk {number}") for number in range(3)]


@asynccontextmanager
async def open_client(settings: Settings, clock: SetClock) -> AsyncIterator[AsyncTestClient[Litestar]]:
    settings = msgspec.structs.replace(settings, demo_mode=True, allow_loopback=True, calendars_key=KEY.decode())
    with lent_app(settings, clock) as app:
        async with AsyncTestClient(app) as client:
            yield client


@asynccontextmanager
async def open_reader(life: Life, clock: SetClock) -> AsyncIterator[BusyReader]:
    async with httpx.AsyncClient() as http:
        yield BusyReader(life.pool, clock, http, Fernet(KEY), timedelta(minutes=10), allow_loopback=True)


async def connect(client: AsyncTestClient[Litestar], url: str, clerk: UUID = CLERKS[0], **who: Any) -> Any:
    """As a lead, unless told otherwise; `login`: it is a CalDAV collection."""
    path, body = f"/v1/staff/clerks/{clerk}/busy-calendar", {"address": url}
    if login := who.pop("login", None):
        body["login"] = login
    return await client.put(path, json=body, headers=staff(who.pop("role", "lead"), **who))


async def status(client: AsyncTestClient[Litestar], clerk: UUID = CLERKS[0]) -> Any:
    return (await client.get(f"/v1/staff/clerks/{clerk}/busy-calendar", headers=staff("lead"))).json()


async def free(life: Life, clerk: UUID = CLERKS[0]) -> int:
    """Five-minute steps free on that Wednesday."""
    steps: int = await life.pool.fetchval(
        "SELECT bit_count(free) FROM day_mask JOIN lane ON lane.id = lane_id"
        " WHERE clerk_id = $1 AND day = '2026-11-25'",
        clerk,
    )
    return steps

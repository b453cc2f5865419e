"""Booking as a whole, in process: the real application over a real database, on a clock that the test sets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking import sample
from tests.booking.support.apps import lent_app
from tests.booking.support.callers import Callers
from tests.booking.support.citizen import Citizen
from tests.booking.support.house import House
from tests.booking.support.life import Life
from tests.booking.support.masks import check_masks
from tests.booking.support.office import Office
from tests.booking.support.payment_stand_in import KEY, PaymentStandIn, serve_stand_in
from tests.support.database import Database, fresh_database

from booking.clients.payment import open_payment
from booking.domain.catalogue_files import Files
from booking.settings import Settings
from booking.usecases.configure import configure
from kit.sql import Pool, open_pool

NO_RATES: Any = {
    f"rate_{name}": "off" for name in ("search", "list", "hold", "challenge", "lost_link", "failures", "other")
}
"""All tests come from one client; those of rates set their own."""


MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""Morning."""


class SetClock:
    """A clock that stands until somebody sets it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY)


@pytest.fixture(scope="session")
def loaded_town() -> Iterator[Database]:
    """The sample town, as of Monday: to copy it takes a fifth of the time that it takes to load it."""

    async def load(database: Database) -> None:
        async with open_pool(database.url) as pool:
            await configure(pool, sample.files(), lambda: MONDAY)

    for database in fresh_database("booking"):
        asyncio.run(load(database))
        yield database


@pytest.fixture
def booking_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    template = request.getfixturevalue("loaded_town").name if "town" in request.fixturenames else None
    yield from fresh_database("booking", template)


@pytest.fixture
def booking_settings(booking_database: Database) -> Settings:
    return Settings(
        database_url=booking_database.url,
        link_key="link-key-of-the-tests",
        staff_key="staff-key-of-the-tests",
        service_token="service-token-of-the-tests",
        list_age_s=0,
        catalogue_age_s=0,
        **NO_RATES,
    )


@pytest.fixture
async def booking_client(
    booking_settings: Settings, clock: Callable[[], datetime]
) -> AsyncIterator[AsyncTestClient[Litestar]]:
    with lent_app(booking_settings, clock) as app:
        async with AsyncTestClient(app) as client:
            yield client


@pytest.fixture
async def town(booking_pool: Pool, clock: SetClock) -> Files:
    """The sample town, loaded."""
    files = sample.files()
    if clock() != MONDAY:
        await configure(booking_pool, files, clock)
    return files


@pytest.fixture
async def payment_stand_in(clock: SetClock) -> AsyncIterator[PaymentStandIn]:
    async with serve_stand_in() as stand_in:
        stand_in.now = clock.now
        yield stand_in


@pytest.fixture
async def life(
    booking_pool: Pool, clock: SetClock, payment_stand_in: PaymentStandIn, town: Files
) -> AsyncIterator[Life]:
    async with open_payment(payment_stand_in.url, {sample.TENANT: KEY}) as client:
        yield Life(booking_pool, clock, payment_stand_in, client)


@pytest.fixture
def office(life: Life) -> Office:
    return Office(life)


@pytest.fixture
def house(booking_pool: Pool, clock: SetClock, town: Files) -> House:
    return House(booking_pool, clock)


@pytest.fixture
async def true_masks(life: Life) -> AsyncIterator[None]:
    """Whatever a test does to the rules, the masks are true to them afterwards."""
    yield
    assert await check_masks(life.pool, sample.TENANT, life.clock()) == []


@pytest.fixture
async def citizen(booking_settings: Settings, clock: SetClock, life: Life, tmp_path: Path) -> AsyncIterator[Citizen]:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'{sample.TENANT} = "{KEY}"\n')
    settings = msgspec.structs.replace(
        booking_settings, payment_url=life.payment.url, payment_api_keys_file=keys, public_url="https://termine.example"
    )
    with lent_app(settings, clock) as app:
        async with AsyncTestClient(app) as client:
            yield Citizen(client)


@pytest.fixture
def callers(booking_client: AsyncTestClient[Litestar], booking_pool: Pool) -> Callers:
    return Callers(booking_client, booking_pool)

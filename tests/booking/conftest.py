"""Booking as a whole, in process: the real application over a real database, on a clock that the test sets."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking import sample
from tests.booking.support.callers import Callers
from tests.booking.support.citizen import Citizen
from tests.booking.support.life import Life
from tests.booking.support.payment_stand_in import KEY, PaymentStandIn, serve_stand_in
from tests.support.database import Database

from booking.app import build
from booking.clients.payment import open_payment
from booking.settings import Settings
from booking.usecases.configure import Files, configure
from kit.sql import Pool

NO_RATES: Any = {
    f"rate_{name}": "off" for name in ("search", "list", "hold", "challenge", "lost_link", "failures", "other")
}
"""All tests come from one client; those of rates set their own."""


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
    """A Monday morning."""
    return SetClock(datetime(2026, 11, 23, 7, 0, tzinfo=UTC))


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
    async with AsyncTestClient(build(booking_settings, clock)) as client:
        yield client


@pytest.fixture
async def town(booking_pool: Pool, clock: SetClock) -> Files:
    """The sample town, loaded."""
    files = sample.files()
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
async def citizen(booking_settings: Settings, clock: SetClock, life: Life, tmp_path: Path) -> AsyncIterator[Citizen]:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'{sample.TENANT} = "{KEY}"\n')
    settings = msgspec.structs.replace(
        booking_settings, payment_url=life.payment.url, payment_api_keys_file=keys, public_url="https://termine.example"
    )
    async with AsyncTestClient(build(settings, clock)) as client:
        yield Citizen(client)


@pytest.fixture
def callers(booking_client: AsyncTestClient[Litestar], booking_pool: Pool) -> Callers:
    return Callers(booking_client, booking_pool)

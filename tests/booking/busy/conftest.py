from collections.abc import AsyncIterator, Iterator

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.support.life import Life
from tests.booking.support.own_calendars import open_client, open_reader
from tests.booking.support.published import Published

from booking.settings import Settings
from booking.usecases.read_busy_times import BusyReader


@pytest.fixture
def published() -> Iterator[Published]:
    published = Published()
    yield published
    published.stop()


@pytest.fixture
async def client(booking_settings: Settings, clock: SetClock, life: Life) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with open_client(booking_settings, clock) as client:
        yield client


@pytest.fixture
async def reader(life: Life, clock: SetClock) -> AsyncIterator[BusyReader]:
    async with open_reader(life, clock) as reader:
        yield reader

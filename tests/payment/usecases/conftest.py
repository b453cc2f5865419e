from collections.abc import AsyncIterator

import pytest
from tests.payment.support.house import Clock, tools_with
from tests.payment.support.provider import MemoryProvider

from kit.sql import Pool
from payment.usecases.tools import Tools


@pytest.fixture
def provider() -> MemoryProvider:
    return MemoryProvider()


@pytest.fixture
async def tools(house: Pool, provider: MemoryProvider, clock: Clock) -> AsyncIterator[Tools]:
    async with tools_with(house, provider, clock) as made:
        yield made

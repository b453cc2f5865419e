from collections.abc import AsyncIterator

import pytest
from litestar.testing import AsyncTestClient
from tests.payment.support.apps import lent_app
from tests.payment.support.house import Clock, configure_tenants, key_for, settings_for
from tests.support.database import Database

from kit.sql import Pool


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def house(payment_pool: Pool) -> Pool:
    """The pool of a database with two tenants."""
    await configure_tenants(payment_pool, "heinsberg", "erkelenz")
    return payment_pool


@pytest.fixture
async def client(payment_database: Database, house: Pool, clock: Clock) -> AsyncIterator[AsyncTestClient]:
    """Carries no key; see `key`."""
    with lent_app(settings_for(payment_database.url), clock) as app:
        async with AsyncTestClient(app, raise_server_exceptions=False) as test_client:
            yield test_client


@pytest.fixture
async def key(house: Pool, clock: Clock) -> str:
    return await key_for(house, clock)

"""Notify's web side, asked by an admin."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from litestar.testing import AsyncTestClient
from tests.notify.conftest import KEY, Notify
from tests.notify.peers import TOKEN
from tests.notify.templates.asking import STAFF_KEY, bearer
from tests.support.database import Database

from notify.app import build
from notify.settings import Settings


@pytest.fixture
async def admin(notify: Notify, notify_database: Database) -> AsyncIterator[AsyncTestClient[Any]]:
    settings = Settings(
        database_url=notify_database.url,
        link_key=KEY,
        staff_key=STAFF_KEY,
        service_token=TOKEN,
        smtp_tls="none",
        own_pages_url="https://termine.example",
    )
    async with AsyncTestClient(build(settings, notify.clock)) as client:
        client.headers.update(bearer())
        yield client

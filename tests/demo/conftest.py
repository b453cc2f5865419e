"""The demo's portal, against a booking and a payment that answer as agreed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.demo.portal.partners import Partners, start

from demo.portal.settings import Settings


@pytest.fixture
def partners() -> Partners:
    return Partners()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        booking_url="http://booking.test",
        payment_url="http://payment.test",
        payment_api_key="key-of-the-portal",
        link_key="link-key-of-the-tests",
        portal_data=tmp_path,
    )


@pytest.fixture
async def client(settings: Settings, partners: Partners) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with start(settings, partners) as client:
        yield client

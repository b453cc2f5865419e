from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from litestar.testing import AsyncTestClient
from tests.booking import sample
from tests.booking.pages.walk import Walker
from tests.booking.support.payment_stand_in import KEY, PaymentStandIn, serve_stand_in

from booking.app import build
from booking.settings import Settings
from booking.usecases.configure import Files


@pytest.fixture
async def payment(clock: Callable[[], datetime]) -> AsyncIterator[PaymentStandIn]:
    async with serve_stand_in() as stand_in:
        stand_in.now = clock()
        yield stand_in


@pytest.fixture
async def walker(
    booking_settings: Settings,
    clock: Callable[[], datetime],
    town: Files,
    payment: PaymentStandIn,
    tmp_path: Path,
) -> AsyncIterator[Walker]:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'{sample.TENANT} = "{KEY}"\n')
    settings = msgspec.structs.replace(
        booking_settings,
        payment_url=payment.url,
        payment_api_keys_file=keys,
        demo_mode=True,
        public_url="http://testserver.local",
        checkout_origins=("http://checkout.test",),
    )
    async with AsyncTestClient(build(settings, clock), base_url="http://testserver.local") as client:
        yield Walker(client)

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.sample import TENANT
from tests.booking.support.apps import lent_app
from tests.booking.support.desk import Desk
from tests.booking.support.life import Life
from tests.booking.support.payment_stand_in import KEY

from booking.settings import Settings


@pytest.fixture
async def desk(booking_settings: Settings, clock: SetClock, life: Life, tmp_path: Path) -> AsyncIterator[Desk]:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'{TENANT} = "{KEY}"\n')
    settings = msgspec.structs.replace(booking_settings, payment_url=life.payment.url, payment_api_keys_file=keys)
    with lent_app(settings, clock) as app:
        async with AsyncTestClient(app) as client:
            yield Desk(client, clock, life)

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from litestar import Litestar
from tests.booking import sample
from tests.booking.pages.walk import Walker
from tests.booking.support.apps import lent_app
from tests.booking.support.payment_stand_in import KEY, PaymentStandIn

from booking.domain.catalogue_files import Files
from booking.settings import Settings


@asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[None]:
    """Its lifespan in a task of its own: a fixture's two halves run in different ones, which anyio does not allow."""
    stop, ready = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with app.lifespan():
            ready.set()
            await stop.wait()

    task = asyncio.create_task(hold())
    await asyncio.wait([task, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        stop.set()
        await task


@pytest.fixture
async def walker(
    booking_settings: Settings,
    clock: Callable[[], datetime],
    town: Files,
    payment_stand_in: PaymentStandIn,
    tmp_path: Path,
) -> AsyncIterator[Walker]:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'{sample.TENANT} = "{KEY}"\n')
    settings = msgspec.structs.replace(
        booking_settings,
        payment_url=payment_stand_in.url,
        payment_api_keys_file=keys,
        demo_mode=True,
        public_url="http://testserver.local",
        checkout_origins=("http://checkout.test",),
    )
    with lent_app(settings, clock) as app:
        transport = httpx.ASGITransport(app)  # Litestar's test client would block the loop payment's stand-in needs
        async with running(app), httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
            yield Walker(client)

"""docs/a-day-in-the-county.md is what the service answers: told over the demo's own towns, on a clock that is set."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar.testing import AsyncTestClient
from msgspec.structs import replace
from tests.booking.conftest import SetClock
from tests.booking.day import afternoon, at_home, before, changes, evening, office_opens, opening, other_towns, rules
from tests.booking.day.teller import DAY, ZONE, House, Teller
from tests.booking.support.payment_stand_in import KEY, PaymentStandIn
from tests.booking.support.seed import seed_files

from booking.app import build
from booking.clients.payment import open_payment
from booking.settings import Settings
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.configure import configure
from contracts.tenant import Fairness
from kit.sql import Pool

DOCUMENT = Path(__file__).parents[3] / "docs" / "a-day-in-the-county.md"

CHAPTERS = [
    chapter
    for part in (opening, before, at_home, other_towns, changes, office_opens, rules, afternoon, evening)
    for chapter in part.CHAPTERS
]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime.fromisoformat(f"{DAY}T06:00").replace(tzinfo=ZONE).astimezone(UTC))


@pytest.fixture
async def house(booking_pool: Pool, clock: SetClock, payment_stand_in: PaymentStandIn) -> AsyncIterator[House]:
    """The demo's files, but for one town that keeps the house's caps: the demo has none, since loads run on it."""
    seed = seed_files()
    tenants = [replace(each, fairness=Fairness()) if each.slug == "gangelt" else each for each in seed.tenants]
    files = seed._replace(tenants=tenants)
    await configure(booking_pool, files, clock)
    async with open_payment(payment_stand_in.url, {"erkelenz": KEY}) as payments:
        yield House(booking_pool, clock, CatalogueCache(booking_pool, 0), payment_stand_in, payments, files)


@pytest.fixture
async def teller(booking_settings: Settings, house: House, tmp_path: Path) -> AsyncIterator[Teller]:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'erkelenz = "{KEY}"\n')
    settings = replace(
        booking_settings,
        payment_url=house.payment.url,
        payment_api_keys_file=keys,
        public_url="https://termine.example",
        challenge_effort=4,
    )
    async with AsyncTestClient(build(settings, house.clock)) as client:
        yield Teller(client, house)


async def test_the_day_is_told_as_it_happens(teller: Teller) -> None:
    for chapter in CHAPTERS:
        await chapter(teller)
    told = teller.document()
    if os.environ.get("WRITE_DOCS"):
        DOCUMENT.write_text(told)
    assert DOCUMENT.read_text() == told, "the day goes otherwise now; if that is meant, tell it anew: make docs"

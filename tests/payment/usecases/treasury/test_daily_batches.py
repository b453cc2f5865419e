"""What is due by rule is drawn up once a day by the tenant's own clock, and two persons release it."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from tests.payment.support.disputing import dispute
from tests.payment.support.house import Clock, once
from tests.payment.support.paying import paid
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, states, treasurer
from tests.payment.support.settling import T
from tests.support.database import Database

from kit.sql import open_pool
from payment.domain.errors import Forbidden, IllegalMove
from payment.store.refund_batches import RefundBatch
from payment.usecases.draw_up_daily_batches import draw_up_daily_batches
from payment.usecases.refund_batches import draw_up_batch, read_batches, release_batch
from payment.usecases.tools import Tools


@pytest.fixture
def clock() -> Clock:
    """Five in the morning, in the town."""
    clock = Clock()
    clock.now = datetime(2026, 11, 23, 5, tzinfo=ZoneInfo("Europe/Berlin"))
    return clock


@pytest.fixture(autouse=True)
async def no_standing_order(tools: Tools) -> None:
    await tools.pool.execute("UPDATE tenant SET standing_order = false")


async def due(tools: Tools, provider: MemoryProvider, *cents: int) -> None:
    for each in cents:
        await ask(tools, await paid(tools, provider), each, "cancelled_in_time")


async def batches(tools: Tools) -> list[RefundBatch]:
    return (await read_batches(tools, T, None))[0]


async def test_not_before_its_time_and_once_a_day(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    await due(tools, provider, 500, 600)
    await draw_up_daily_batches(tools)
    assert await batches(tools) == []
    clock.pass_by(hours=1)
    await asyncio.gather(*(draw_up_daily_batches(tools) for _ in range(3)))
    (batch,) = await batches(tools)
    assert (batch.created_by, batch.released_by) == ("rule:daily_batch", None)
    assert await states(tools.pool) == ["requested"] * 2
    await due(tools, provider, 700)
    assert await draw_up_daily_batches(tools) == 0
    clock.pass_by(days=1)
    await draw_up_daily_batches(tools)
    newer, older = await batches(tools)
    assert older == batch
    assert await tools.pool.fetchval("SELECT count(*) FROM refund_batch_item WHERE batch_id = $1", newer.id) == 1
    clock.pass_by(days=1)
    await draw_up_daily_batches(tools)
    assert len(await batches(tools)) == 2, "both still wait, and nothing else is due"


async def test_each_tenant_has_its_own_time(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    await due(tools, provider, 500)
    await tools.pool.execute("UPDATE tenant SET refund_batch_at = '17:30' WHERE slug = $1", T)
    clock.pass_by(hours=12)
    assert await draw_up_daily_batches(tools) == 1, "the other town's day, without a refund"
    assert await batches(tools) == []
    clock.pass_by(minutes=31)
    await draw_up_daily_batches(tools)
    assert len(await batches(tools)) == 1


async def test_two_persons_release_it(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    await due(tools, provider, 500, 600)
    clock.pass_by(hours=1)
    await draw_up_daily_batches(tools)
    (batch,) = await batches(tools)
    first = await release_batch(tools, treasurer("carla", clock), batch.id, once())
    assert (first.batch.first_released_by, first.batch.released_by) == ("staff:carla", None)
    assert await states(tools.pool) == ["requested"] * 2
    with pytest.raises(Forbidden):
        await release_batch(tools, treasurer("carla", clock), batch.id, once())
    second = await release_batch(tools, treasurer("dirk", clock), batch.id, once())
    assert (second.batch.first_released_by, second.batch.released_by) == ("staff:carla", "staff:dirk")
    assert await states(tools.pool) == ["approved"] * 2
    assert await batches(tools) == [second.batch]
    with pytest.raises(IllegalMove):
        await release_batch(tools, treasurer("eva", clock), batch.id, once())


async def test_who_released_some_of_it_elsewhere_is_no_second_person(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    await due(tools, provider, 500)
    clock.pass_by(hours=1)
    await draw_up_daily_batches(tools)
    await draw_up_batch(tools, treasurer("carla", clock), None, once())
    (batch,) = [each for each in await batches(tools) if each.created_by == "rule:daily_batch"]
    await release_batch(tools, treasurer("carla", clock), batch.id, once())
    assert await states(tools.pool) == ["requested"]
    await release_batch(tools, treasurer("dirk", clock), batch.id, once())
    assert await states(tools.pool) == ["approved"]


async def test_what_was_disputed_meanwhile_comes_again_when_it_is_won(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    await due(tools, provider, 500)
    clock.pass_by(hours=1)
    await draw_up_daily_batches(tools)
    await dispute(tools, provider)
    (batch,) = await batches(tools)
    for subject in ("carla", "dirk"):
        await release_batch(tools, treasurer(subject, clock), batch.id, once())
    assert await states(tools.pool) == ["requested"]
    clock.pass_by(days=1)
    await draw_up_daily_batches(tools)
    assert len(await batches(tools)) == 1
    await dispute(tools, provider, "won")
    clock.pass_by(days=1)
    await draw_up_daily_batches(tools)
    assert len(await batches(tools)) == 2


async def test_one_that_dies_has_not_looked(
    tools: Tools, provider: MemoryProvider, clock: Clock, payment_database: Database
) -> None:
    await due(tools, provider, 500)
    clock.pass_by(hours=1)
    async with open_pool(payment_database.owner_url, size_max=1) as owner:
        await owner.execute(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$;"
            " CREATE TRIGGER die BEFORE INSERT ON refund_batch_item EXECUTE FUNCTION die()"
        )
        with pytest.raises(asyncpg.RaiseError, match="killed"):
            await draw_up_daily_batches(tools)
        await owner.execute("DROP TRIGGER die ON refund_batch_item")
    await draw_up_daily_batches(tools)
    assert len(await batches(tools)) == 1

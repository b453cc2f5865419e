"""Rules are changed: versions and masks. Whatever is done to them, the masks are true to them afterwards."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import pytest
from tests.booking.sample import TENANT
from tests.booking.support.life import Life
from tests.booking.support.rules import (
    HALL,
    MORNING_OFF,
    OUTING,
    TUESDAY,
    WEDNESDAY,
    change,
    hours,
    lane_of,
    open_times,
    rules_of,
    weekly,
    what_if,
    with_hours,
)

from booking.domain.catalogue_files import Files
from booking.domain.errors import Conflict, KeyReused, NotFound
from booking.domain.holidays import ClosingCustom
from booking.domain.rule_edits import (
    add_closure,
    put_exception,
    remove_exception,
    replace_opening,
    restore,
    set_customs,
)
from booking.domain.rule_set import Closure, Hours, ScheduleException
from booking.usecases.change_rules import Author
from booking.usecases.configure import configure
from booking.usecases.once import Once
from booking.usecases.rebuild_masks import rebuild_lanes

pytestmark = pytest.mark.usefixtures("true_masks")


async def test_new_hours_are_open_at_once_and_the_old_version_can_be_read(life: Life) -> None:
    lane = await lane_of(life)
    effect = await change(life, MORNING_OFF, Author("staff:lea", "Mehr Ruhe am Morgen"))
    assert effect.version == 2
    assert await open_times(life, WEDNESDAY, lane) == ["09:00", "11:55"]
    assert {rule.opens for rule in (await rules_of(life)).opening} == {time(9)}
    assert {rule.opens for rule in (await rules_of(life, 1)).opening} == {time(8)}
    row = await life.pool.fetchrow("SELECT changed_by, changed_at, note FROM rule_change WHERE version = 2")
    assert tuple(row or ()) == ("staff:lea", life.clock(), "Mehr Ruhe am Morgen")


async def test_only_the_masks_that_a_change_touches_are_written(life: Life) -> None:
    before = dict(await life.pool.fetch("SELECT (lane_id, day), xmin::text FROM day_mask"))
    effect = await change(life, add_closure(Closure(None, WEDNESDAY, time(11))))
    after = dict(await life.pool.fetch("SELECT (lane_id, day), xmin::text FROM day_mask"))
    assert {key[1] for key in before if before[key] != after[key]} == {WEDNESDAY}
    assert [(day.date, day.lanes, day.closed_min, day.opened_min) for day in effect.days] == [(WEDNESDAY, 4, 240, 0)]


async def test_what_changes_nothing_makes_no_version(life: Life) -> None:
    effect = await change(life, replace_opening(HALL, None, weekly("08:00", "12:00")))
    assert (effect.version, effect.days) == (1, [])
    assert await life.pool.fetchval("SELECT count(*) FROM rule_change") == 1


async def test_a_version_is_restored_as_a_new_one(life: Life) -> None:
    await change(life, MORNING_OFF)
    await change(life, add_closure(OUTING))
    effect = await change(life, restore(await rules_of(life, 1)))
    assert effect.version == 4
    assert await open_times(life, WEDNESDAY, await lane_of(life)) == ["08:00", "11:55"]
    assert (await rules_of(life, 3)).closures[0].reason == "Betriebsausflug"
    assert len((await rules_of(life)).closures) == 0


async def test_a_lane_gets_hours_of_its_own_and_loses_them(life: Life) -> None:
    mine, other = await lane_of(life), await lane_of(life, "Clerk 1")
    effect = await change(life, replace_opening(HALL, mine, hours((3, "13:00", "18:00"), lane_id=mine)))
    assert await open_times(life, WEDNESDAY, mine) == ["13:00", "17:55"]
    assert await open_times(life, TUESDAY, mine) == []
    assert await open_times(life, WEDNESDAY, other) == ["08:00", "11:55"]
    assert {day.lanes for day in effect.days} == {1}
    await change(life, replace_opening(HALL, mine, []))
    assert await open_times(life, TUESDAY, mine) == ["08:00", "11:55"]


async def test_internal_hours_are_not_public(life: Life) -> None:
    lane = await lane_of(life)
    rules = [*weekly("08:00", "11:00"), *weekly("08:00", "12:00", audience="internal")]
    effect = await change(life, replace_opening(HALL, None, rules))
    assert await open_times(life, WEDNESDAY, lane, "public") == ["08:00", "10:55"]
    assert await open_times(life, WEDNESDAY, lane, "free") == ["08:00", "11:55"]
    assert {(day.opened_min, day.closed_min, day.closed_to_public_min) for day in effect.days} == {(0, 0, 4 * 60)}


async def test_an_exception_is_put_replaced_and_removed(life: Life) -> None:
    lane = await lane_of(life)
    late = ScheduleException(HALL, None, WEDNESDAY, (Hours(time(14), time(20)),), "Wahltag")
    await change(life, put_exception(late))
    assert await open_times(life, WEDNESDAY, lane) == ["14:00", "19:55"]
    await change(life, put_exception(ScheduleException(HALL, None, WEDNESDAY, (Hours(time(15), None),), "Wahltag")))
    assert await open_times(life, WEDNESDAY, lane) == ["15:00", "23:55"]
    (kept,) = (await rules_of(life)).exceptions
    assert kept.id
    await change(life, remove_exception(kept.id))
    assert await open_times(life, WEDNESDAY, lane) == ["08:00", "11:55"]
    with pytest.raises(NotFound):
        await change(life, remove_exception(kept.id))


async def test_a_tenant_that_keeps_no_carnival_is_open(life: Life) -> None:
    life.clock.now = datetime(2027, 1, 5, 7, 0, tzinfo=UTC)
    lane, monday = await lane_of(life), date(2027, 2, 8)
    await change(life, add_closure(Closure(None, date(2027, 1, 6))))  # brings the masks up to February
    assert await open_times(life, monday, lane) == []
    await change(life, set_customs([ClosingCustom("heiligabend", time(12))]))
    assert await open_times(life, monday, lane) == ["08:00", "11:55"]


async def test_two_who_change_from_the_same_version(life: Life) -> None:
    await change(life, MORNING_OFF, if_version=1)
    with pytest.raises(Conflict, match="version 2"):
        await change(life, add_closure(OUTING), if_version=1)
    with pytest.raises(Conflict, match="version 2"):
        await what_if(life, add_closure(OUTING), if_version=1)


async def test_the_same_change_again_has_no_second_effect(life: Life) -> None:
    once = Once("rules", "key", b"body")
    answers = await asyncio.gather(*(change(life, add_closure(OUTING), once=once) for _ in range(4)))
    assert len((await rules_of(life)).closures) == 1
    assert all(answer == answers[0] for answer in answers)
    with pytest.raises(KeyReused):
        await change(life, add_closure(OUTING), once=Once("rules", "key", b"other"))


async def test_changes_at_once_all_count(life: Life) -> None:
    closures = [Closure(HALL, WEDNESDAY, time(8 + n), time(9 + n), f"Teil {n}") for n in range(4)]
    effects = await asyncio.gather(*(change(life, add_closure(closure)) for closure in closures))
    assert sorted(effect.version for effect in effects) == [2, 3, 4, 5]
    assert await open_times(life, WEDNESDAY, await lane_of(life)) == []


async def test_days_beyond_the_masks_and_lanes_of_others_are_left_alone(life: Life) -> None:
    far = WEDNESDAY + timedelta(days=900)
    async with life.pool.acquire() as connection, connection.transaction():
        beyond = await rebuild_lanes(connection, TENANT, [1, 2], far, far, life.clock())
        nobody_s = await rebuild_lanes(connection, TENANT, [999], WEDNESDAY, WEDNESDAY, life.clock())
    assert beyond.after == nobody_s.after == {}


async def test_files_that_say_the_same_leave_what_staff_changed(life: Life, town: Files) -> None:
    await change(life, MORNING_OFF)
    await change(life, add_closure(OUTING))
    await configure(life.pool, town, life.clock)
    assert await open_times(life, TUESDAY, await lane_of(life)) == ["09:00", "11:55"]
    assert await life.pool.fetchval("SELECT max(version) FROM rule_change") == 3


async def test_files_that_changed_bring_their_change_and_nothing_else(life: Life, town: Files) -> None:
    await change(life, MORNING_OFF)
    await change(life, add_closure(OUTING))
    await configure(life.pool, with_hours(town, "10:00-13:00"), life.clock)
    lane = await lane_of(life)
    assert await open_times(life, TUESDAY, lane) == ["10:00", "12:55"]
    assert await open_times(life, WEDNESDAY, lane) == []
    row = await life.pool.fetchrow("SELECT version, changed_by FROM rule_change ORDER BY version DESC LIMIT 1")
    assert tuple(row or ()) == (4, "configure")

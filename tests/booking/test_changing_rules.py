"""Rules are changed: versions, masks, and the visits that a change strands. Nothing is ever cancelled by it."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.booking.sample import PERSO, TENANT, files, service_id
from tests.booking.support.life import Life, at
from tests.booking.support.rules import (
    HALL,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    change,
    hours,
    lane_of,
    open_times,
    rules_of,
    weekly,
    what_if,
)

from booking.domain.catalogue import RequestedItem, plan_visit
from booking.domain.errors import Conflict, KeyReused, NotFound
from booking.domain.holidays import ClosingCustom
from booking.domain.rule_edits import (
    RuleEdit,
    add_closure,
    put_exception,
    remove_closure,
    remove_exception,
    replace_opening,
    restore,
    set_customs,
)
from booking.domain.rule_set import Closure, Hours, ScheduleException
from booking.usecases.accept_conflict import accept_conflict
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.change_rules import Author
from booking.usecases.check_masks import check_masks
from booking.usecases.check_tenant import check_tenant
from booking.usecases.configure import Files, configure
from booking.usecases.find_times import find_times
from booking.usecases.once import Once
from booking.usecases.rebuild_masks import extend_masks, rebuild_lanes
from booking.usecases.reschedule_appointment import reschedule_appointment
from booking.usecases.view_appointment import Access

OUTING = Closure(HALL, WEDNESDAY, reason="Betriebsausflug")
MORNING_OFF = replace_opening(HALL, None, weekly("09:00", "12:00"))
pytestmark = pytest.mark.usefixtures("checked")


@pytest.fixture
async def checked(life: Life) -> Any:
    """Whatever a test does to the rules, the masks are true to them afterwards."""
    yield
    assert await check_masks(life.pool, TENANT, life.clock()) == []


async def booked(life: Life, clock: str, day: date = WEDNESDAY) -> Access:
    access = await life.hold(at(clock, str(day)))
    await life.confirm(access, payment="counter")
    return access


async def outing_id(life: Life) -> UUID:
    (closure,) = (await rules_of(life)).closures
    assert closure.id
    return closure.id


async def open_conflicts(life: Life) -> list[tuple[Any, ...]]:
    rows = await life.pool.fetch(
        "SELECT appointment_id, cause, detail FROM conflict WHERE resolved_at IS NULL ORDER BY starts_at"
    )
    return [tuple(row) for row in rows]


async def earliest(life: Life, service: str = PERSO) -> str | None:
    plans = plan_visit(await life.catalogues.get(TENANT), [RequestedItem(service_id(service))])
    days = [life.clock().date() + timedelta(days=n) for n in range(30)]
    found = await find_times(life.pool, TENANT, plans, days, life.clock())
    return next((f"{day.date} {day.times[0]}" for day in found.days if day.times), None)


# --- masks and versions --------------------------------------------------------------------------------------------


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


# --- conflicts -----------------------------------------------------------------------------------------------------


async def test_a_change_strands_visits_and_lists_them(life: Life) -> None:
    early, later = await booked(life, "08:00"), await booked(life, "09:00")
    effect = await change(life, MORNING_OFF)
    assert [conflict.appointment_id for conflict in effect.conflicts] == [early.appointment_id]
    assert await open_conflicts(life) == [(early.appointment_id, "opening_hours", "")]
    for access in (early, later):
        assert (await life.view(access)).state == "confirmed"
    assert await life.events(early) == ["held", "confirmed"]


@pytest.mark.parametrize(
    ("edit", "cause", "detail"),
    [
        (add_closure(OUTING), "closure", "Betriebsausflug"),
        (put_exception(ScheduleException(HALL, None, WEDNESDAY, (), "Umzug")), "exception", "Umzug"),
        (replace_opening(HALL, None, weekly("08:10", "12:00")), "opening_hours", ""),
    ],
)
async def test_a_conflict_names_its_cause(life: Life, edit: RuleEdit, cause: str, detail: str) -> None:
    access = await booked(life, "08:00")
    await change(life, edit)
    assert await open_conflicts(life) == [(access.appointment_id, cause, detail)]


async def test_a_reservation_is_stranded_too(life: Life) -> None:
    held = await life.hold(at("08:00"))
    effect = await change(life, MORNING_OFF)
    assert [conflict.appointment_id for conflict in effect.conflicts] == [held.appointment_id]


async def test_a_reservation_that_has_lapsed_is_stranded_as_long_as_it_can_be_confirmed(life: Life) -> None:
    lapsed = await life.hold(at("11:00"))
    life.later(minutes=15)
    await change(life, replace_opening(HALL, None, weekly("09:00", "11:00")))
    await life.confirm(lapsed, "counter")
    assert [conflict[0] for conflict in await open_conflicts(life)] == [lapsed.appointment_id]
    assert await check_tenant(life.pool, TENANT, life.clock()) == []


async def test_a_cut_through_the_buffer_harms_nobody(life: Life) -> None:
    await configure(life.pool, files(buffer_min=10), life.clock)
    await booked(life, "08:00")
    effect = await change(life, replace_opening(HALL, None, weekly("08:00", "08:15")))
    assert effect.conflicts == []


async def test_the_rule_returns_and_the_conflict_is_none(life: Life) -> None:
    await booked(life, "08:00")
    await change(life, add_closure(OUTING))
    life.later(minutes=1)
    effect = await change(life, remove_closure(await outing_id(life)))
    assert effect.resolved_count == 1
    assert await open_conflicts(life) == []
    assert await life.pool.fetchval("SELECT resolved_at FROM conflict") == life.clock()


async def test_a_conflict_goes_when_its_visit_moves_or_is_called_off(life: Life) -> None:
    moved, cancelled, _ = [await booked(life, clock) for clock in ("08:00", "08:15", "08:30")]
    await change(life, MORNING_OFF)
    catalogue = await life.catalogues.get(TENANT)
    await reschedule_appointment(life.pool, catalogue, life.clock, moved, at("10:00"))
    await cancel_appointment(life.pool, life.clock, cancelled)
    effect = await change(life, add_closure(Closure(HALL, THURSDAY)))
    assert effect.conflicts == []
    assert len(await open_conflicts(life)) == 1


async def test_a_visit_that_is_stranded_again_elsewhere_is_a_conflict_again(life: Life) -> None:
    access = await booked(life, "08:00")
    await change(life, MORNING_OFF)
    catalogue = await life.catalogues.get(TENANT)
    await reschedule_appointment(life.pool, catalogue, life.clock, access, at("10:00"))
    await change(life, add_closure(OUTING))
    rows = await life.pool.fetch("SELECT cause, resolved_at IS NULL AS open FROM conflict ORDER BY id")
    assert [tuple(row) for row in rows] == [("opening_hours", False), ("closure", True)]


async def test_a_second_cause_does_not_list_a_visit_twice(life: Life) -> None:
    access = await booked(life, "08:00")
    await change(life, MORNING_OFF)
    effect = await change(life, add_closure(OUTING))
    assert effect.conflicts == []
    assert await open_conflicts(life) == [(access.appointment_id, "opening_hours", "")]


async def test_an_absence_strands_the_visits_of_its_clerk(life: Life) -> None:
    accesses = [await booked(life, "08:00") for _ in range(3)]
    lane_id = (await life.pool.fetch("SELECT DISTINCT lane_id FROM appointment ORDER BY 1"))[0][0]
    async with life.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO absence (id, tenant, clerk_id, starts_at, ends_at, created_by, created_at)"
            " SELECT $1, $2, clerk_id, $3, $4, 'lea', $5 FROM lane WHERE id = $6",
            uuid4(), TENANT, at("07:00"), at("09:00"), life.clock(), lane_id,
        )  # fmt: skip
        rebuilt = await rebuild_lanes(connection, TENANT, [lane_id], WEDNESDAY, WEDNESDAY, life.clock())
    (stranded,) = rebuilt.conflicts.found
    assert (stranded.visit.lane_id, stranded.cause) == (lane_id, "absence")
    assert stranded.visit.appointment_id in [access.appointment_id for access in accesses]
    assert await open_times(life, WEDNESDAY, lane_id) == ["09:00", "11:55"]
    async with life.pool.acquire() as connection, connection.transaction():
        await connection.execute("UPDATE absence SET ended_at = $1", life.clock())
        await rebuild_lanes(connection, TENANT, [lane_id], WEDNESDAY, WEDNESDAY, life.clock())
    assert await open_times(life, WEDNESDAY, lane_id) == ["08:00", "11:55"]
    assert await open_conflicts(life) == []


async def test_days_beyond_the_masks_and_lanes_of_others_are_left_alone(life: Life) -> None:
    far = WEDNESDAY + timedelta(days=900)
    async with life.pool.acquire() as connection, connection.transaction():
        beyond = await rebuild_lanes(connection, TENANT, [1, 2], far, far, life.clock())
        nobody_s = await rebuild_lanes(connection, TENANT, [999], WEDNESDAY, WEDNESDAY, life.clock())
    assert beyond.after == nobody_s.after == {}


async def test_a_rush_during_a_change_books_nothing_that_is_closed(life: Life) -> None:
    """Who is quicker than the change is in conflict; who is slower gets nothing."""

    async def hold(clock: str) -> Access | None:
        try:
            return await life.hold(at(clock))
        except Exception:  # noqa: BLE001 - closed or taken: both are no booking
            return None

    clocks = [f"08:{minute:02}" for minute in (0, 15, 30, 45)] * 5
    *held, effect = await asyncio.gather(*(hold(clock) for clock in clocks), change(life, MORNING_OFF))
    ids = {access.appointment_id for access in held if isinstance(access, Access)}
    assert {conflict[0] for conflict in await open_conflicts(life)} == ids
    assert effect.version == 2


async def test_a_visit_that_a_clerk_keeps_is_no_conflict_any_more(life: Life) -> None:
    access = await booked(life, "08:00")
    await change(life, MORNING_OFF)
    conflict_id = await life.pool.fetchval("SELECT id FROM conflict")
    for _ in range(2):
        await accept_conflict(life.pool, life.clock, TENANT, conflict_id, "staff:kai")
    effect = await change(life, add_closure(OUTING))
    assert effect.conflicts == []
    assert await open_conflicts(life) == []
    assert await check_tenant(life.pool, TENANT, life.clock()) == []
    catalogue = await life.catalogues.get(TENANT)
    await change(life, remove_closure(await outing_id(life)))
    await reschedule_appointment(life.pool, catalogue, life.clock, access, at("10:00"))
    effect = await change(life, add_closure(OUTING))
    assert len(effect.conflicts) == 1  # it was kept at eight, not at ten
    with pytest.raises(NotFound):
        await accept_conflict(life.pool, life.clock, "elsewhere", conflict_id, "staff:kai")


async def test_a_change_of_law_lists_the_visits_that_were_quoted_another_fee(life: Life, town: Files) -> None:
    at_counter = await booked(life, "08:00")
    paid = await life.hold(at("08:30"))
    await life.confirm(paid)
    await life.pay(paid)
    changed = [msgspec.structs.replace(row, fee_cents=4900) if row.name == PERSO else row for row in town.services]
    await configure(life.pool, town._replace(services=changed), life.clock)
    assert await open_conflicts(life) == [(at_counter.appointment_id, "fee", "46.00 EUR → 49.00 EUR")]
    await configure(life.pool, town._replace(services=changed), life.clock)
    assert len(await open_conflicts(life)) == 1
    await change(life, MORNING_OFF)  # a second conflict, of another kind
    assert {conflict[1] for conflict in await open_conflicts(life)} == {"fee", "opening_hours"}
    await configure(life.pool, town, life.clock)
    assert {conflict[1] for conflict in await open_conflicts(life)} == {"opening_hours"}


async def test_conflicts_of_deleted_appointments_go(life: Life) -> None:
    access = await booked(life, "08:00")
    await change(life, MORNING_OFF)
    await life.pool.execute("DELETE FROM appointment WHERE id = $1", access.appointment_id)
    await extend_masks(life.pool, life.clock)
    assert await life.pool.fetchval("SELECT count(*) FROM conflict") == 0


# --- what if -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edit",
    [
        MORNING_OFF,
        add_closure(OUTING),
        add_closure(Closure(None, TUESDAY, last_day=THURSDAY)),
        replace_opening(HALL, None, [*weekly("07:00", "12:00"), *weekly("12:00", "13:00", audience="internal")]),
        put_exception(ScheduleException(HALL, None, TUESDAY, (Hours(time(6), time(7)),))),
        replace_opening(HALL, None, []),
    ],
)
async def test_a_dry_run_says_what_happens_then(life: Life, edit: RuleEdit) -> None:
    for clock in ("08:00", "08:00", "09:00"):
        await booked(life, clock)
    await booked(life, "08:00", THURSDAY)
    life.later(hours=4)  # today is over
    before = await earliest(life)
    foreseen = await what_if(life, edit)
    came = await change(life, edit)
    assert foreseen.dry_run
    assert (foreseen.version, foreseen.days, foreseen.resolved_count) == (came.version, came.days, came.resolved_count)
    assert foreseen.conflicts == came.conflicts
    assert foreseen.earliest is not None
    changed = {item.service: item for item in foreseen.earliest}
    after = await earliest(life)
    if before == after:
        assert PERSO not in changed
    else:
        assert (_local(changed[PERSO].before), _local(changed[PERSO].after)) == (before, after)


def _local(start: datetime | None) -> str | None:
    return start and f"{start.astimezone(at('00:00').tzinfo):%Y-%m-%d %H:%M}"


async def test_a_dry_run_foresees_the_conflicts_that_go(life: Life) -> None:
    await booked(life, "08:00")
    await change(life, MORNING_OFF)
    assert (await what_if(life, restore(await rules_of(life, 1)))).resolved_count == 1
    assert len(await open_conflicts(life)) == 1


async def test_a_dry_run_writes_nothing(life: Life) -> None:
    await booked(life, "08:00")
    before = await everything(life)
    effect = await what_if(life, add_closure(OUTING))
    assert effect.conflicts
    assert await everything(life) == before


async def everything(life: Life) -> dict[str, str]:
    """A sum over each table."""
    tables = await life.pool.fetch(
        "SELECT relname FROM pg_stat_user_tables WHERE has_table_privilege(relid, 'SELECT') ORDER BY relname"
    )
    assert len(tables) > 20
    return {
        name: await life.pool.fetchval(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t")
        for (name,) in tables
    }


async def test_a_lapsed_reservation_is_no_obstacle_to_the_earliest_time(life: Life) -> None:
    life.later(hours=4)
    for _ in range(3):
        await life.hold(at("08:00", str(TUESDAY)))
    life.later(minutes=15)
    effect = await what_if(life, add_closure(Closure(HALL, TUESDAY, time(8), time(8, 15), "Feueralarm")))
    changed = {item.service: item for item in effect.earliest or ()}[PERSO]
    assert (_local(changed.before), _local(changed.after)) == ("2026-11-24 08:00", "2026-11-24 08:15")


async def test_internal_hours_have_no_earliest_time_for_the_public(life: Life) -> None:
    effect = await what_if(life, replace_opening(HALL, None, weekly("08:00", "12:00", audience="internal")))
    changed = {item.service: item for item in effect.earliest or ()}[PERSO]
    assert (_local(changed.before), _local(changed.after)) == ("2026-11-23 10:00", None)


# --- files ---------------------------------------------------------------------------------------------------------


def with_hours(file: Files, span: str) -> Files:
    changed = {"vormittags": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (span,))}
    return file._replace(offices=msgspec.structs.replace(file.offices, hours=changed))


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


async def test_hours_in_files_strand_visits_as_well(life: Life, town: Files) -> None:
    access = await booked(life, "08:00")
    await configure(life.pool, with_hours(town, "10:00-13:00"), life.clock)
    assert await open_conflicts(life) == [(access.appointment_id, "opening_hours", "")]

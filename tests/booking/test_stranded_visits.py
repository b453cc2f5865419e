"""A change of rules strands visits and lists them as conflicts. Nothing is ever cancelled by it."""

import asyncio
from uuid import UUID

import msgspec
import pytest
from tests.booking.sample import PERSO, TENANT, files
from tests.booking.support.life import Life, at
from tests.booking.support.rules import (
    HALL,
    MORNING_OFF,
    OUTING,
    THURSDAY,
    WEDNESDAY,
    change,
    open_conflicts,
    open_times,
    rules_of,
    send_away,
    weekly,
    with_hours,
)

from booking.domain.catalogue_files import Files
from booking.domain.errors import BookingError, NotFound
from booking.domain.rule_edits import RuleEdit, add_closure, put_exception, remove_closure, replace_opening
from booking.domain.rule_set import Closure, ScheduleException
from booking.usecases.accept_conflict import accept_conflict
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.check_tenant import check_tenant
from booking.usecases.configure import configure
from booking.usecases.rebuild_masks import extend_masks, rebuild_lanes
from booking.usecases.view_appointment import Access

pytestmark = pytest.mark.usefixtures("true_masks")


async def outing_id(life: Life) -> UUID:
    (closure,) = (await rules_of(life)).closures
    assert closure.id
    return closure.id


async def test_a_change_strands_visits_and_lists_them(life: Life) -> None:
    early, later = await life.booked("08:00"), await life.booked("09:00")
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
    access = await life.booked("08:00")
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
    await life.booked("08:00")
    effect = await change(life, replace_opening(HALL, None, weekly("08:00", "08:15")))
    assert effect.conflicts == []


async def test_the_rule_returns_and_the_conflict_is_none(life: Life) -> None:
    await life.booked("08:00")
    await change(life, add_closure(OUTING))
    life.later(minutes=1)
    effect = await change(life, remove_closure(await outing_id(life)))
    assert effect.resolved_count == 1
    assert await open_conflicts(life) == []
    assert await life.pool.fetchval("SELECT resolved_at FROM conflict") == life.clock()


async def test_a_conflict_goes_when_its_visit_moves_or_is_called_off(life: Life) -> None:
    moved, cancelled, _ = [await life.booked(clock) for clock in ("08:00", "08:15", "08:30")]
    await change(life, MORNING_OFF)
    await life.move(moved, "10:00")
    await cancel_appointment(life.pool, life.clock, cancelled)
    effect = await change(life, add_closure(Closure(HALL, THURSDAY)))
    assert effect.conflicts == []
    assert len(await open_conflicts(life)) == 1


async def test_a_visit_that_is_stranded_again_elsewhere_is_a_conflict_again(life: Life) -> None:
    access = await life.booked("08:00")
    await change(life, MORNING_OFF)
    await life.move(access, "10:00")
    await change(life, add_closure(OUTING))
    rows = await life.pool.fetch("SELECT cause, resolved_at IS NULL AS open FROM conflict ORDER BY id")
    assert [tuple(row) for row in rows] == [("opening_hours", False), ("closure", True)]


async def test_a_second_cause_does_not_list_a_visit_twice(life: Life) -> None:
    access = await life.booked("08:00")
    await change(life, MORNING_OFF)
    effect = await change(life, add_closure(OUTING))
    assert effect.conflicts == []
    assert await open_conflicts(life) == [(access.appointment_id, "opening_hours", "")]


async def test_an_absence_strands_the_visits_of_its_clerk(life: Life) -> None:
    accesses = [await life.booked("08:00") for _ in range(3)]
    lane_id = (await life.pool.fetch("SELECT DISTINCT lane_id FROM appointment ORDER BY 1"))[0][0]
    rebuilt = await send_away(life, lane_id)
    (stranded,) = rebuilt.conflicts.found
    assert (stranded.visit.lane_id, stranded.cause) == (lane_id, "absence")
    assert stranded.visit.appointment_id in [access.appointment_id for access in accesses]
    assert await open_times(life, WEDNESDAY, lane_id) == ["09:00", "11:55"]
    async with life.pool.acquire() as connection, connection.transaction():
        await connection.execute("UPDATE absence SET ended_at = $1", life.clock())
        await rebuild_lanes(connection, TENANT, [lane_id], WEDNESDAY, WEDNESDAY, life.clock())
    assert await open_times(life, WEDNESDAY, lane_id) == ["08:00", "11:55"]
    assert await open_conflicts(life) == []


async def test_a_rush_during_a_change_books_nothing_that_is_closed(life: Life) -> None:
    """Who is quicker than the change is in conflict; who is slower gets nothing."""

    async def hold(clock: str) -> Access | None:
        try:
            return await life.hold(at(clock))
        except BookingError:  # closed or taken: both are no booking
            return None

    clocks = [f"08:{minute:02}" for minute in (0, 15, 30, 45)] * 5
    *held, effect = await asyncio.gather(*(hold(clock) for clock in clocks), change(life, MORNING_OFF))
    ids = {access.appointment_id for access in held if isinstance(access, Access)}
    assert {conflict[0] for conflict in await open_conflicts(life)} == ids
    assert effect.version == 2


async def test_a_visit_that_a_clerk_keeps_is_no_conflict_any_more(life: Life) -> None:
    access = await life.booked("08:00")
    await change(life, MORNING_OFF)
    conflict_id = await life.pool.fetchval("SELECT id FROM conflict")
    for _ in range(2):
        await accept_conflict(life.pool, life.clock, TENANT, conflict_id, "staff:kai")
    effect = await change(life, add_closure(OUTING))
    assert effect.conflicts == []
    assert await open_conflicts(life) == []
    assert await check_tenant(life.pool, TENANT, life.clock()) == []
    await change(life, remove_closure(await outing_id(life)))
    await life.move(access, "10:00")
    effect = await change(life, add_closure(OUTING))
    assert len(effect.conflicts) == 1  # it was kept at eight, not at ten
    with pytest.raises(NotFound):
        await accept_conflict(life.pool, life.clock, "elsewhere", conflict_id, "staff:kai")


async def test_a_change_of_law_lists_the_visits_that_were_quoted_another_fee(life: Life, town: Files) -> None:
    at_counter = await life.booked("08:00")
    await life.paid("08:30")
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
    access = await life.booked("08:00")
    await change(life, MORNING_OFF)
    await life.pool.execute("DELETE FROM appointment WHERE id = $1", access.appointment_id)
    await extend_masks(life.pool, life.clock)
    assert await life.pool.fetchval("SELECT count(*) FROM conflict") == 0


async def test_hours_in_files_strand_visits_as_well(life: Life, town: Files) -> None:
    access = await life.booked("08:00")
    await configure(life.pool, with_hours(town, "10:00-13:00"), life.clock)
    assert await open_conflicts(life) == [(access.appointment_id, "opening_hours", "")]

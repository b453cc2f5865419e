"""Another time for the same visit, in one transaction: never no slot, and never two.

The old slot is given back first, inside the transaction, so a visit may move by a quarter of an hour into time that was
its own. Whoever fails to get the new one rolls back and keeps the old.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment, Decision, decide
from booking.domain.catalogue import Catalogue, RequestedItem, VisitPlan, plan_visit
from booking.domain.change import Deadlines, NewSlot, is_unpaid, move, require_movable
from booking.domain.errors import Invalid, SlotTaken
from booking.domain.fees import fee_on
from booking.domain.lanes import Candidate, fairest_first
from booking.domain.slots import Place, local_step
from booking.domain.times import check_start, occupied_place
from booking.store.appointments import Item, list_items, lock_appointment, save_item_fees
from booking.store.deadlines import get_deadlines
from booking.store.grants import extend_grants
from booking.store.lanes import list_candidates
from booking.store.masks import insert_occupation, take_bits
from booking.store.release import list_occupied, lock_masks, release_slot
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.release_overdue import release_overdue
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Connection, Pool


class _Target(NamedTuple):
    plan: VisitPlan
    place: Place
    starts_at: datetime


async def reschedule_appointment(
    pool: Pool, catalogue: Catalogue, clock: Clock, access: Access, start: datetime, *, once: Once | None = None
) -> AppointmentView:
    """The same time again changes nothing. Raises Invalid (no such time), SlotTaken, TooLate, Conflict."""
    await release_overdue(pool, access.tenant, clock())
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            if appointment.state != "confirmed" or appointment.starts_at != start:
                deadlines = await get_deadlines(connection, access.tenant, access.appointment_id)
                _require_possible(appointment, deadlines, clock())
                await move_to(connection, catalogue, clock(), appointment, start, move)
            await mark_done(connection, once)
        return await read_view(connection, access)


async def move_to(
    connection: Connection,
    catalogue: Catalogue,
    now: datetime,
    appointment: Appointment,
    start: datetime,
    decide_on: Callable[[Appointment, NewSlot, datetime], Decision],
) -> Appointment:
    """In the caller's transaction, with the row locked: a new slot, taken before `decide_on` says what it means.

    Raises Invalid, SlotTaken.
    """
    items = await list_items(connection, appointment.tenant, appointment.id)
    target = _target(catalogue, appointment, items, start, now)
    await _lock(connection, appointment, target)
    await release_slot(connection, appointment.id)
    lane_id = await _take(connection, appointment, target)
    fees = _fees(catalogue, target)
    slot = NewSlot(
        lane_id=lane_id,
        unit_id=target.plan.unit_id,
        starts_at=start,
        ends_at=start + timedelta(minutes=target.plan.duration_min),
        fee_cents=_sum(fees, items),
    )
    if is_unpaid(appointment):
        await save_item_fees(connection, appointment.tenant, appointment.id, fees)
    after = await record(connection, decide_on(appointment, slot, now))
    until = after.ends_at + timedelta(days=catalogue.retention_days)
    await extend_grants(connection, after.tenant, after.id, until)
    return after


def _require_possible(appointment: Appointment, deadlines: Deadlines, now: datetime) -> None:
    """Before anything is locked or looked at. Raises TooLate, Conflict."""
    decide(appointment, "move", "confirmed", now)
    require_movable(appointment, now, deadlines)


def _target(
    catalogue: Catalogue, appointment: Appointment, items: list[Item], start: datetime, now: datetime
) -> _Target:
    """The same services at the same place. Raises Invalid."""
    plan = plan_visit(
        catalogue,
        [RequestedItem(item.service_id, item.quantity) for item in items],
        location_id=appointment.location_id,
        channel=appointment.channel,
        unit_id=appointment.unit_id,
    )[0]
    check_start(plan, start, now)
    return _Target(plan, occupied_place(plan, start), start)


async def _lock(connection: Connection, appointment: Appointment, target: _Target) -> None:
    """The old mask and all that the visit may move to, in the house's order."""
    zone = ZoneInfo(appointment.time_zone)
    old = await list_occupied(connection, [appointment.id])
    keys = {(occupied.lane_id, local_step(occupied.starts_at, zone)[0]) for occupied in old}
    await lock_masks(connection, keys | {(lane_id, target.place.day) for lane_id in target.plan.lane_ids})


async def _take(connection: Connection, appointment: Appointment, target: _Target) -> int:
    """The clerk stays if free then, else the fairest. Raises Invalid outside the hours, SlotTaken."""
    candidates = await list_candidates(connection, target.plan.lane_ids, target.place)
    if not any(candidate.is_open for candidate in candidates):
        raise Invalid.field("start", "outside the opening hours")
    chosen = _choose(candidates, appointment.lane_id)
    if chosen is None or not await take_bits(connection, chosen, target.place.day, target.place.bits):
        raise SlotTaken
    until = target.starts_at + timedelta(minutes=target.plan.duration_min + target.plan.buffer_min)
    await insert_occupation(connection, appointment.id, chosen, target.starts_at, until)
    return chosen


def _choose(candidates: list[Candidate], lane_id: int) -> int | None:
    free = [candidate.lane_id for candidate in fairest_first(candidates)]
    return lane_id if lane_id in free else next(iter(free), None)


def _fees(catalogue: Catalogue, target: _Target) -> list[int | None]:
    day, _ = local_step(target.starts_at, ZoneInfo(target.plan.location.time_zone))
    return [fee_on(day, catalogue.services[part.service.id].fees) for part in target.plan.items]


def _sum(fees: list[int | None], items: list[Item]) -> int | None:
    fixed = [fee * item.quantity for fee, item in zip(fees, items, strict=True) if fee is not None]
    return sum(fixed) if fixed else None

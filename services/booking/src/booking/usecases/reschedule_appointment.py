"""Another time for the same visit, in one transaction: never no slot, and never two."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment, Decision, decide
from booking.domain.catalogue import Catalogue
from booking.domain.change import Deadlines, NewSlot, is_unpaid, move, require_movable
from booking.domain.fees import fee_on
from booking.domain.hold import CITIZEN, HoldOptions
from booking.domain.served_lanes import served_by
from booking.domain.slots import local_step
from booking.domain.times import check_start
from booking.domain.visit_plan import RequestedItem, VisitPlan
from booking.store.appointments import Item, list_items, lock_appointment, save_item_fees
from booking.store.deadlines import get_deadlines
from booking.store.grants import extend_grants
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.place_visit import place_visit
from booking.usecases.plan_booked_visit import choose_plan, offered_there, plans_of
from booking.usecases.record import record
from booking.usecases.release_overdue import release_overdue
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Connection, Pool


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
    options: HoldOptions = CITIZEN,
    clerk_id: UUID | None = None,
) -> Appointment:
    """In the caller's transaction, with the row locked: a new slot, taken before `decide_on` says what it means.

    `clerk_id`: with this one. Raises Invalid, SlotTaken.
    """
    items = await list_items(connection, appointment.tenant, appointment.id)
    plan = await _plan(connection, catalogue, appointment, items, start, clerk_id)
    check_start(plan, start, now, any_time=options.any_time)
    lane_id = await place_visit(connection, appointment, plan, start, internal=options.internal)
    fees = _fees(plan, start)
    slot = NewSlot(
        lane_id=lane_id,
        unit_id=plan.unit_id,
        starts_at=start,
        ends_at=start + timedelta(minutes=plan.duration_min),
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
    decide(appointment, "move", "held" if appointment.state == "held" else "confirmed", now)
    require_movable(appointment, now, deadlines)


async def _plan(
    connection: Connection,
    catalogue: Catalogue,
    appointment: Appointment,
    items: list[Item],
    start: datetime,
    clerk_id: UUID | None,
) -> VisitPlan:
    """The same services at the same place. Raises Invalid."""
    requested = [RequestedItem(item.service_id, item.quantity) for item in items]
    if clerk_id is None:
        return await choose_plan(connection, plans_of(catalogue, appointment, requested), start)
    return served_by(catalogue, offered_there(catalogue, appointment, requested), clerk_id)[0]


def _fees(plan: VisitPlan, start: datetime) -> list[int | None]:
    day, _ = local_step(start, ZoneInfo(plan.location.time_zone))
    return [fee_on(day, part.service.fees) for part in plan.items]


def _sum(fees: list[int | None], items: list[Item]) -> int | None:
    fixed = [fee * item.quantity for fee, item in zip(fees, items, strict=True) if fee is not None]
    return sum(fixed) if fixed else None

"""Other services or more persons for a visit that is booked already; its time stays if it can."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import Appointment, By, decide
from booking.domain.catalogue import Catalogue
from booking.domain.change import is_unpaid, require_movable
from booking.domain.change_items import ChangedVisit, change_items, require_settled
from booking.domain.errors import Invalid, SlotTaken
from booking.domain.fees import Charge, fee_of_visit, fee_on
from booking.domain.slots import local_step
from booking.domain.times import check_start
from booking.domain.visit_plan import RequestedItem, VisitPlan
from booking.store.appointments import get_appointment, list_items, lock_appointment
from booking.store.deadlines import get_deadlines
from booking.store.grants import extend_grants
from booking.store.holds import ItemRow
from booking.store.items import replace_items
from booking.usecases.list_alternatives import list_alternatives
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.place_visit import place_visit
from booking.usecases.plan_booked_visit import choose_plan, plans_of
from booking.usecases.record import record
from booking.usecases.release_overdue import release_overdue
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Connection, Pool

CITIZEN = By("citizen")


class ItemChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: tuple[RequestedItem, ...]
    start: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Another time, for a visit that in its new length does not fit where it is; null: it stays."""


async def change_visit_items(
    pool: Pool,
    catalogue: Catalogue,
    clock: Clock,
    access: Access,
    change: ItemChange,
    *,
    by: By = CITIZEN,
    once: Once | None = None,
) -> None:
    """What it holds already changes nothing. Raises Invalid, TooLate, Conflict, and SlotTaken with times that fit."""
    await release_overdue(pool, access.tenant, clock())
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            await _require_possible(connection, appointment, by, clock())
            await _change(connection, catalogue, appointment, change, by, clock())
            await mark_done(connection, once)


class ItemsPreview(NamedTuple):
    after: AppointmentView
    back_cents: int
    """Of what was paid online, it would be refunded."""


async def preview_visit_items(
    pool: Pool, catalogue: Catalogue, clock: Clock, access: Access, change: ItemChange
) -> ItemsPreview:
    """What the citizen's change would bring: it is made, looked at, and taken back. Raises what the change raises."""
    await release_overdue(pool, access.tenant, clock())
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            before = await lock_appointment(connection, access.tenant, access.appointment_id)
            await _require_possible(connection, before, CITIZEN, clock())
            await _change(connection, catalogue, before, change, CITIZEN, clock())
            after = await get_appointment(connection, access.tenant, access.appointment_id)
            view = await read_view(connection, access)
        finally:
            await transaction.rollback()
    return ItemsPreview(view, after.returned_cents - before.returned_cents)


async def _require_possible(connection: Connection, appointment: Appointment, by: By, now: datetime) -> None:
    """Before anything else is locked or looked at. Raises TooLate, Conflict."""
    decide(appointment, "change_items", "confirmed", now, by=by)
    if by.actor == "citizen":
        require_movable(appointment, now, await get_deadlines(connection, appointment.tenant, appointment.id))
    require_settled(appointment)


async def _change(
    connection: Connection,
    catalogue: Catalogue,
    appointment: Appointment,
    change: ItemChange,
    by: By,
    now: datetime,
) -> None:
    before = await list_items(connection, appointment.tenant, appointment.id)
    start = change.start or appointment.starts_at
    wanted = [(item.service_id, item.quantity) for item in change.items]
    if start == appointment.starts_at and wanted == [(item.service_id, item.quantity) for item in before]:
        return
    plan = await choose_plan(connection, plans_of(catalogue, appointment, change.items), start)
    lane_id = await _place(connection, appointment, plan, start, by, now)
    quoted = {} if is_unpaid(appointment) else {item.service_id: item.fee_cents for item in before}
    items = _items(plan, start, quoted)
    visit = ChangedVisit(
        lane_id=lane_id,
        unit_id=plan.unit_id,
        starts_at=start,
        ends_at=start + timedelta(minutes=plan.duration_min),
        fee=fee_of_visit(_charges(plan, items)),
    )
    after = await record(connection, change_items(appointment, visit, now, by))
    await replace_items(connection, after.tenant, after.id, items)
    until = after.ends_at + timedelta(days=catalogue.retention_days)
    await extend_grants(connection, after.tenant, after.id, until)


async def _place(
    connection: Connection, appointment: Appointment, plan: VisitPlan, start: datetime, by: By, now: datetime
) -> int:
    """At another time with anybody who serves it; where it is, with whom it is. Raises Invalid, SlotTaken."""
    is_staff = by.actor == "staff"
    if start != appointment.starts_at:
        check_start(plan, start, now, any_time=is_staff)
        return await place_visit(connection, appointment, plan, start, internal=is_staff)
    if appointment.lane_id not in plan.lane_ids:
        raise Invalid.field("items", "whom this visit is with does not serve all of it; book it as another visit")
    if appointment.overbooked:
        return appointment.lane_id
    same = msgspec.structs.replace(plan, lane_ids=(appointment.lane_id,))
    is_longer = start + timedelta(minutes=plan.duration_min) > appointment.ends_at
    try:
        return await place_visit(connection, appointment, same, start, internal=is_staff or not is_longer)
    except (Invalid, SlotTaken):
        times = await list_alternatives(connection, appointment, plan, now, internal=is_staff)
        raise SlotTaken("The visit would take longer than there is time for. Choose another time.", times) from None


def _items(plan: VisitPlan, start: datetime, quoted: Mapping[UUID, int | None]) -> list[ItemRow]:
    """What is paid online was quoted once and for all; everything else costs what it costs on the day of the visit."""
    day, _ = local_step(start, ZoneInfo(plan.location.time_zone))
    return [
        ItemRow(
            part.service.id,
            part.offering.id,
            part.quantity,
            part.duration_min,
            quoted[part.service.id] if part.service.id in quoted else fee_on(day, part.service.fees),
        )
        for part in plan.items
    ]


def _charges(plan: VisitPlan, items: Sequence[ItemRow]) -> list[Charge]:
    return [
        Charge(part.service.fee_kind, item.fee_cents, part.service.payment_policy, part.quantity)
        for part, item in zip(plan.items, items, strict=True)
    ]

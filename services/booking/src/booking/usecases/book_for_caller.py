"""The staff book: for who calls, who stands at the counter, and who walks in without an appointment.

Held and confirmed at once, in two steps under one key, as a citizen takes them: who dies in between leaves a
reservation that lapses, and the same request again carries on.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from booking.domain.appointment import Appointment, By
from booking.domain.attendance import check_in
from booking.domain.catalogue import Catalogue, Channel
from booking.domain.confirmation import choose_mode_by_staff, confirm
from booking.domain.contact import Contact, require_callable, tidy
from booking.domain.errors import Invalid, SlotTaken
from booking.domain.hold import HoldOptions, staff_options
from booking.domain.served_lanes import served_by
from booking.domain.slots import floor_to_step
from booking.domain.visit_plan import ITEMS_MAX, RequestedItem, VisitPlan, plan_visit
from booking.store.appointments import lock_appointment
from booking.usecases.attend_visit import record_step
from booking.usecases.find_times import next_start
from booking.usecases.hold_slot import HeldAppointment, Request, hold_slot
from booking.usecases.record import record
from booking.usecases.save_contact import bind_contact
from booking.usecases.view_appointment import Access
from booking.usecases.view_visit import VisitDetail, read_visit
from kit.clock import Clock
from kit.sql import Connection, Pool


class StaffBooking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[tuple[RequestedItem, ...], msgspec.Meta(min_length=1, max_length=ITEMS_MAX)]
    booked_via: Literal["phone", "counter", "walk_in"]
    start: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Null for who walks in: the next free minutes of today."""
    location_id: UUID | None = None
    channel: Channel = "on_site"
    clerk_id: UUID | None = None
    """Null: the fairest."""
    contact: Contact | None = None
    """May be missing for who walks in: the number is called."""
    payment: Literal["counter", "waived"] = "counter"
    """A fee, if there is one: due at the counter, also where the public pays online, or waived."""
    overbook: bool = False
    """Where the clerk is taken then: beside that visit. For leads."""


class BookingKey(msgspec.Struct, frozen=True):
    key: str
    fingerprint: bytes


async def book_for_caller(
    pool: Pool, catalogue: Catalogue, clock: Clock, booking: StaffBooking, once: BookingKey, by: By
) -> VisitDetail:
    """Raises Invalid, SlotTaken, KeyReused."""
    _check(booking)
    booking = msgspec.structs.replace(booking, contact=tidy(booking.contact) if booking.contact else None)
    plans = _plans(catalogue, booking)
    start = booking.start or await _now(pool, catalogue, plans, booking, clock())
    held = await _hold(pool, catalogue, plans, Request(start, once.key, once.fingerprint), booking, by, clock())
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, catalogue.tenant, held.id)
        if appointment.state in ("held", "expired"):
            await _confirm(connection, clock, appointment, booking, by)
        return await read_visit(connection, Access(catalogue.tenant, held.id), clock())


def _check(booking: StaffBooking) -> None:
    if booking.overbook and booking.clerk_id is None:
        raise Invalid.field("clerk_id", "is required to overbook: beside whose visit")
    if booking.booked_via == "walk_in":
        if booking.start is not None:
            raise Invalid.field("start", "who walks in is served now; leave it out")
        if booking.channel != "on_site":
            raise Invalid.field("channel", "who walks in is on site")
        return
    for field, value in (("start", booking.start), ("contact", booking.contact)):
        if value is None:
            raise Invalid.field(field, "is required")
    assert booking.contact is not None
    require_callable(booking.contact, booking.channel)


def _plans(catalogue: Catalogue, booking: StaffBooking) -> list[VisitPlan]:
    plans = plan_visit(catalogue, booking.items, location_id=booking.location_id, channel=booking.channel)
    plans = served_by(catalogue, plans, booking.clerk_id)
    if booking.start is None and len({plan.location.id for plan in plans}) > 1:
        raise Invalid.field("location_id", "is needed: these services are offered at several places")
    return plans


async def _now(
    pool: Pool, catalogue: Catalogue, plans: list[VisitPlan], booking: StaffBooking, now: datetime
) -> datetime:
    """The next free minutes of today; whoever is overbooked is served from now on."""
    if booking.overbook:
        return floor_to_step(now)
    found = await next_start(pool, catalogue.tenant, plans, now)
    if found is None:
        raise SlotTaken("Nothing is free any more today.")
    return found


async def _hold(
    pool: Pool,
    catalogue: Catalogue,
    plans: list[VisitPlan],
    request: Request,
    booking: StaffBooking,
    by: By,
    now: datetime,
) -> HeldAppointment:
    """Beside another visit only where the time is not free."""
    options: HoldOptions = staff_options(by, booking.booked_via)
    try:
        return await hold_slot(pool, catalogue, plans, request._replace(options=options), now)
    except SlotTaken:
        if not booking.overbook:
            raise
    beside = msgspec.structs.replace(options, overbook=True)
    return await hold_slot(pool, catalogue, plans, request._replace(options=beside), now)


async def _confirm(
    connection: Connection, clock: Clock, appointment: Appointment, booking: StaffBooking, by: By
) -> None:
    """Who walks in is here already."""
    if booking.contact:
        await bind_contact(connection, clock, Access(appointment.tenant, appointment.id), booking.contact)
    mode = choose_mode_by_staff(appointment, is_waived=booking.payment == "waived")
    confirmed = await record(connection, confirm(appointment, mode, None, clock(), by))
    if booking.booked_via == "walk_in":
        await record_step(connection, check_in(confirmed, clock(), by))

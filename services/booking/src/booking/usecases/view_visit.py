"""A visit as the staff sees it: who comes, for what, what they bring, what is due, and what needs a look."""

from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import BookedVia, PaymentMode
from booking.domain.change_items import due_cents
from booking.domain.errors import NotFound
from booking.store.visits import HistoryRow, VisitItem, VisitRow, find_visit, list_history
from booking.usecases.view_appointment import Access, money
from contracts.booking import AppointmentState
from contracts.money import Money
from contracts.payment import PaymentState
from kit.sql import Connection, Pool

Flag = Literal[
    "overbooked",
    "not_recorded",
    "fee_due",
    "payment_failed",
    "no_mail",
    "mail_unproved",
    "mail_failed",
    "clerk_refused",
    "rebooking_open",
]
"""What a clerk should notice. `not_recorded`: its day is over, and nobody said how it ended. `mail_failed`: mails
do not reach this address, phone instead. `clerk_refused`: a task to find another clerk is open.
"""


class VisitLocation(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str


class VisitClerk(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID | None
    """Null where a counter serves the visit."""
    display_name: str
    room: str | None


class VisitPerson(msgspec.Struct, frozen=True, kw_only=True):
    given_name: str
    family_name: str
    organisation: str | None
    email: str | None
    phone: str | None


class VisitPayment(msgspec.Struct, frozen=True, kw_only=True):
    mode: PaymentMode
    state: PaymentState | None
    """Of the online payment."""
    fee: Money | None
    fee_kind: Literal["fixed", "none", "on_request"]
    paid: Money | None
    """Online."""
    refunded: Money | None
    due_at_counter: Money | None
    paid_at_counter: Money | None
    treasury_reference: str | None


class VisitView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    number: str
    state: AppointmentState
    version: int
    start: datetime
    end: datetime
    time_zone: str
    channel: Literal["on_site", "phone", "video"]
    booked_via: BookedVia
    unit: str
    location: VisitLocation
    clerk: VisitClerk
    items: tuple[VisitItem, ...]
    person: VisitPerson | None
    payment: VisitPayment
    office_note: str
    flags: tuple[Flag, ...]


class VisitDetail(VisitView, frozen=True, kw_only=True):
    history: tuple[HistoryRow, ...]


async def view_visit(pool: Pool, access: Access, now: datetime) -> VisitDetail:
    """Raises NotFound."""
    async with pool.acquire() as connection:
        return await read_visit(connection, access, now)


async def read_visit(connection: Connection, access: Access, now: datetime) -> VisitDetail:
    row = await find_visit(connection, access.tenant, access.appointment_id)
    if row is None:
        raise NotFound("There is no such appointment.")
    history = await list_history(connection, access.tenant, access.appointment_id)
    zone = ZoneInfo(row.time_zone)
    local = (msgspec.structs.replace(step, at=step.at.astimezone(zone)) for step in history)
    return VisitDetail(**msgspec.structs.asdict(show_visit(row, now)), history=tuple(local))


def show_visit(row: VisitRow, now: datetime) -> VisitView:
    zone = ZoneInfo(row.time_zone)
    return VisitView(
        id=row.id,
        number=row.number,
        state=row.state,
        version=row.version,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        time_zone=row.time_zone,
        channel=row.channel,
        booked_via=row.booked_via,
        unit=row.unit,
        location=VisitLocation(id=row.location_id, name=row.location),
        clerk=VisitClerk(id=row.clerk_id, display_name=row.clerk, room=row.room),
        items=row.services,
        person=_person(row),
        payment=_payment(row),
        office_note=row.office_note,
        flags=tuple(_flags(row, now)),
    )


def _person(row: VisitRow) -> VisitPerson | None:
    if row.given_name is None or row.family_name is None:
        return None
    return VisitPerson(
        given_name=row.given_name,
        family_name=row.family_name,
        organisation=row.organisation,
        email=row.email,
        phone=row.phone,
    )


def _payment(row: VisitRow) -> VisitPayment:
    return VisitPayment(
        mode=row.payment_mode,
        state=row.payment_state,
        fee=money(row.fee_cents),
        fee_kind=row.fee_kind,
        paid=money(row.paid_cents or None),
        refunded=money(row.refunded_cents or None),
        due_at_counter=money(due_cents(row) or None),
        paid_at_counter=money(row.counter_paid_cents),
        treasury_reference=row.treasury_reference,
    )


def _flags(row: VisitRow, now: datetime) -> list[Flag]:
    zone = ZoneInfo(row.time_zone)
    is_open = row.state in ("confirmed", "checked_in", "in_service")
    is_over = row.ends_at.astimezone(zone).date() < now.astimezone(zone).date()
    found: dict[Flag, bool] = {
        "overbooked": row.overbooked,
        "not_recorded": is_open and is_over,
        "fee_due": due_cents(row) > 0 and row.counter_paid_cents is None,
        "payment_failed": row.payment_state == "capture_failed",
        "no_mail": row.family_name is not None and row.email is None,
        "mail_unproved": row.state == "awaiting_email",
        "mail_failed": row.mail_failed_at is not None,
        "clerk_refused": row.refused and is_open,
        "rebooking_open": row.rebook_until is not None and row.rebook_until > now,
    }
    return [flag for flag, holds in found.items() if holds]

"""Changes after the confirmation: another time, another clerk, or none. The citizen has a deadline, the staff none."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from booking.domain.appointment import STANDING, Appointment, By, Command, Decision, RefundReason, decide
from booking.domain.errors import Conflict, TooLate


class NewSlot(NamedTuple):
    lane_id: int
    unit_id: UUID
    starts_at: datetime
    ends_at: datetime
    fee_cents: int | None
    """As it is on that day."""


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    """Hours before the visit until which its citizen may change it alone, and whom to call afterwards."""

    cancel_until_h: int = 0
    reschedule_until_h: int = 0
    phone: str = ""


NO_DEADLINES: Final = Deadlines()


def last_moment(starts_at: datetime, hours_before: int) -> datetime:
    return starts_at - timedelta(hours=hours_before)


def require_cancellable(appointment: Appointment, now: datetime, deadlines: Deadlines) -> None:
    """For the citizen. What is only reserved may be given back at any time. Raises TooLate."""
    hours = deadlines.cancel_until_h if appointment.state == "confirmed" else 0
    _require_before(appointment, now, hours, f"cancelled by phone only: {deadlines.phone}")


def require_movable(appointment: Appointment, now: datetime, deadlines: Deadlines) -> None:
    """For the citizen. Raises TooLate. What is only reserved may be given another time until it lapses."""
    hours = deadlines.reschedule_until_h if appointment.state == "confirmed" else 0
    _require_before(appointment, now, hours, f"moved by phone only: {deadlines.phone}")


def _require_before(appointment: Appointment, now: datetime, hours: int, else_: str) -> None:
    if appointment.starts_at <= now:
        raise TooLate("The visit has begun; it can be changed by the office only.")
    if last_moment(appointment.starts_at, hours) <= now:
        raise TooLate(f"Less than {hours} hours before the visit it can be {else_}")


def move(appointment: Appointment, slot: NewSlot, now: datetime, by: By | None = None) -> Decision:
    """Number and calendar UID stay, the entry's SEQUENCE grows. A reminder is due anew. Raises Conflict.

    What is only reserved moves without a word to anybody, and keeps its deadline; not once a payment was begun for it.
    """
    is_held = appointment.state == "held"
    if is_held and appointment.payment_mode != "none":
        raise Conflict("The appointment is being booked; its time stays.")
    return decide(
        appointment,
        "move",
        "held" if is_held else "confirmed",
        now,
        event=None if is_held else "appointment.moved",
        by=by,
        lane_id=slot.lane_id,
        unit_id=slot.unit_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        fee_cents=slot.fee_cents if is_unpaid(appointment) else appointment.fee_cents,
        citizen_sequence=appointment.citizen_sequence + (not is_held),
        reminded_at=None,
        overbooked=False,
    )


def reassign(appointment: Appointment, lane_id: int, now: datetime, by: By, *, other_room: bool = False) -> Decision:
    """Another clerk at the same time: the clerks' entry changes hands. Raises Conflict.

    The citizen's stays as it is, unless it now names another room: then its SEQUENCE grows, and they are told.
    What is only reserved changes hands without a word to anybody.
    """
    return decide(
        appointment,
        "reassign",
        appointment.state,
        now,
        event="appointment.reassigned" if appointment.state in STANDING else None,
        by=by,
        lane_id=lane_id,
        overbooked=False,
        citizen_sequence=appointment.citizen_sequence + other_room,
    )


def is_unpaid(appointment: Appointment) -> bool:
    """What is paid online was quoted once and for all; what is due at the counter costs what that day costs."""
    return appointment.payment_mode != "online"


def cancel(
    appointment: Appointment, now: datetime, deadlines: Deadlines = NO_DEADLINES, by: By | None = None
) -> Decision:
    """The slot is free at once, and the money goes back. `by` staff: on the citizen's word, also after the deadline.

    Raises TooLate, Conflict.
    """
    decision = decide(
        appointment,
        "cancel",
        "cancelled_by_citizen",
        now,
        event="appointment.cancelled",
        commands=give_back(appointment, "cancelled_in_time"),
        by=by,
        citizen_sequence=appointment.citizen_sequence + 1,
    )
    if decision.actor == "citizen":
        require_cancellable(appointment, now, deadlines)
    return decision


def cancel_by_office(appointment: Appointment, note: str, now: datetime, by: By) -> Decision:
    """The office cannot keep it: all of the money goes back, whatever the time. Raises Conflict."""
    return decide(
        appointment,
        "cancel_by_office",
        "cancelled_by_office",
        now,
        event="appointment.cancelled",
        commands=give_back(appointment, "cancelled_by_office"),
        by=by,
        citizen_sequence=appointment.citizen_sequence + 1,
        office_note=note,
    )


def give_back(appointment: Appointment, reason: RefundReason) -> tuple[Command, ...]:
    """What undoes the payment as far as we know it: a refund of what was captured, else a void.

    A capture may be under way at the same time; then the void is refused there, and the news of the capture brings the
    refund (domain/settlement.py).
    """
    if appointment.payment_id is None:
        return ()
    due_cents = appointment.paid_cents - max(appointment.refunded_cents, appointment.returned_cents)
    if due_cents > 0:
        refund = Command(verb="refund", payment_id=appointment.payment_id, amount_cents=due_cents, reason=reason)
        return (refund,)
    if appointment.payment_state in ("created", "pending", "authorised", "capturing"):
        return (Command(verb="cancel", payment_id=appointment.payment_id),)
    return ()

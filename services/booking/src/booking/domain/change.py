"""Changes by the citizen after the confirmation: another time, or none."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from booking.domain.appointment import Appointment, Command, Decision, decide
from booking.domain.errors import TooLate


class NewSlot(NamedTuple):
    lane_id: int
    unit_id: UUID
    starts_at: datetime
    ends_at: datetime
    fee_cents: int | None
    """As it is on that day."""


def require_changeable(appointment: Appointment, now: datetime) -> None:
    """Raises TooLate once the visit has begun."""
    if appointment.starts_at <= now:
        raise TooLate("The visit has begun; it can be changed by the office only.")


def move(appointment: Appointment, slot: NewSlot, now: datetime) -> Decision:
    """Number and calendar UID stay, the entry's SEQUENCE grows. A reminder is due anew. Raises Conflict."""
    return decide(
        appointment,
        "move",
        "confirmed",
        now,
        event="appointment.moved",
        lane_id=slot.lane_id,
        unit_id=slot.unit_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        fee_cents=slot.fee_cents if is_unpaid(appointment) else appointment.fee_cents,
        citizen_sequence=appointment.citizen_sequence + 1,
        reminded_at=None,
    )


def is_unpaid(appointment: Appointment) -> bool:
    """What is paid online was quoted once and for all; what is due at the counter costs what that day costs."""
    return appointment.payment_mode != "online"


def cancel(appointment: Appointment, now: datetime) -> Decision:
    """The slot is free at once, and the money goes back. Raises TooLate, Conflict."""
    require_changeable(appointment, now)
    return decide(
        appointment,
        "cancel",
        "cancelled_by_citizen",
        now,
        event="appointment.cancelled",
        commands=give_back(appointment),
        citizen_sequence=appointment.citizen_sequence + 1,
    )


def give_back(appointment: Appointment) -> tuple[Command, ...]:
    """What undoes the payment as far as we know it: a refund of what was captured, else a void.

    A capture may be under way at the same time; then the void is refused there, and the news of the capture brings the
    refund (domain/settlement.py).
    """
    if appointment.payment_id is None:
        return ()
    due_cents = appointment.paid_cents - appointment.refunded_cents
    if due_cents > 0:
        refund = Command(
            verb="refund", payment_id=appointment.payment_id, amount_cents=due_cents, reason="cancelled_in_time"
        )
        return (refund,)
    if appointment.payment_state in ("created", "pending", "authorised", "capturing"):
        return (Command(verb="cancel", payment_id=appointment.payment_id),)
    return ()

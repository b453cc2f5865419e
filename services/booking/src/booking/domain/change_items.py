"""Other services or quantities for a visit that is confirmed, and what becomes of its fee. Pure.

What is paid online too much goes back. What is too little is paid at the counter, where the visit takes place anyway:
to cancel and pay anew would cost the citizen the slot. Only what the treasury takes online alone is refused.
"""

from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec

from booking.domain.appointment import Appointment, By, Command, Decision, PaymentMode, decide
from booking.domain.confirmation import choose_mode
from booking.domain.errors import Invalid, PaidOnlineOnly, PaymentPending
from booking.domain.fees import VisitFee
from contracts.payment import PaymentState


class Paid(Protocol):
    """The money of an appointment."""

    @property
    def payment_mode(self) -> PaymentMode: ...
    @property
    def payment_state(self) -> PaymentState | None: ...
    @property
    def fee_cents(self) -> int | None: ...
    @property
    def paid_cents(self) -> int: ...
    @property
    def refunded_cents(self) -> int: ...
    @property
    def returned_cents(self) -> int: ...


class ChangedVisit(NamedTuple):
    lane_id: int
    unit_id: UUID
    starts_at: datetime
    ends_at: datetime
    fee: VisitFee


def change_items(appointment: Appointment, visit: ChangedVisit, now: datetime, by: By | None = None) -> Decision:
    """Number, calendar UID and, if the citizen did not choose another, the start stay. Raises Conflict."""
    fee = visit.fee
    back = _too_much(appointment, fee)
    return decide(
        appointment,
        "change_items",
        "confirmed",
        now,
        event="appointment.changed",
        commands=back,
        by=by,
        lane_id=visit.lane_id,
        unit_id=visit.unit_id,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        fee_cents=fee.cents,
        fee_kind=fee.kind,
        payment_policy=fee.policy,
        payment_mode=_mode(appointment, fee),
        returned_cents=appointment.returned_cents + sum(command.amount_cents or 0 for command in back),
        citizen_sequence=appointment.citizen_sequence + 1,
        reminded_at=appointment.reminded_at if visit.starts_at == appointment.starts_at else None,
    )


def kept_cents(appointment: Paid) -> int:
    """What of the online payment stays with the house, as far as it has been decided."""
    return appointment.paid_cents - max(appointment.returned_cents, appointment.refunded_cents)


def due_cents(appointment: Paid) -> int:
    """What is paid at the counter, as far as it is known: the whole fee, or what an online payment left of it."""
    fee = appointment.fee_cents or 0
    if appointment.payment_mode == "online" and appointment.payment_state == "paid":
        return max(0, fee - kept_cents(appointment))
    return fee if appointment.payment_mode == "counter" else 0


def require_settled(appointment: Appointment) -> None:
    """A payment under way is of the fee as it was: first it arrives. Raises PaymentPending."""
    if appointment.payment_mode == "online" and appointment.payment_state != "paid":
        raise PaymentPending("The payment is being completed. Change your services in a few minutes.")


def _too_much(appointment: Appointment, fee: VisitFee) -> tuple[Command, ...]:
    cents = kept_cents(appointment) - (fee.cents or 0)
    if appointment.payment_mode != "online" or appointment.payment_id is None or cents <= 0:
        return ()
    return (Command(verb="refund", payment_id=appointment.payment_id, amount_cents=cents, reason="reduced"),)


def _mode(appointment: Appointment, fee: VisitFee) -> PaymentMode:
    if appointment.payment_mode == "online":
        if fee.policy == "online_required" and (fee.cents or 0) > kept_cents(appointment):
            raise PaidOnlineOnly(_PAID_ONLINE)
        return "online"
    changed = msgspec.structs.replace(appointment, fee_cents=fee.cents, fee_kind=fee.kind, payment_policy=fee.policy)
    try:
        return choose_mode(changed, "counter")
    except Invalid:
        raise PaidOnlineOnly(_PAID_ONLINE) from None


_PAID_ONLINE = "The fee of these services is paid online before the visit. Book them as an appointment of their own."

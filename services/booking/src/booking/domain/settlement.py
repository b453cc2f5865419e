"""What news of a payment does to its appointment.

News comes by event or by GET, late, twice and in any order; each carries the payment's version and the whole state, so
only newer news counts and a gap does no harm: `settle` is asked again until it has nothing left to decide.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from booking.domain.appointment import LIVE, STANDING, Appointment, Command, Decision, RefundReason, decide
from contracts.booking import AppointmentEventType
from contracts.payment import PaymentState


class PaymentNews(msgspec.Struct, frozen=True, kw_only=True):
    payment_id: UUID
    version: int
    state: PaymentState
    amount_cents: int
    refunded_cents: int
    checking: bool = False
    """What becomes of the money has been unknown for long enough to say so."""
    refund_failed: bool = False
    """The provider will never give it back: the treasury transfers it by hand."""


SECURED = frozenset({"authorised", "capturing", "paid", "capture_failed"})
"""The provider has given its word: the appointment may be confirmed."""
LOST = frozenset({"capture_failed", "cancelled", "expired"})
"""No money will come of it any more."""


def settle(appointment: Appointment, news: PaymentNews, now: datetime) -> Decision | None:
    """The next thing to do, or None. A decision with `takes_slot` may find the slot gone: then `refuse_late`."""
    if news.payment_id != appointment.payment_id:
        return _stray(appointment, news, now)
    if news.version <= appointment.payment_version:
        return None
    if news.state in SECURED and appointment.state in ("awaiting_payment", "expired"):
        return _authorise(appointment, news, now)
    if news.state == "paid" and appointment.payment_state != "paid":
        return _paid(appointment, news, now)
    if news.refunded_cents > appointment.refunded_cents:
        return _refunded(appointment, news, now)
    return _other(appointment, news, now)


def refuse_late(appointment: Appointment, news: PaymentNews, now: datetime) -> Decision:
    """The money came after the slot was gone: it is not taken, or given back, and the citizen is told."""
    return _note(appointment, news, now, "appointment.expired", commands=_undo(news, "late"))


def _authorise(appointment: Appointment, news: PaymentNews, now: datetime) -> Decision:
    """Slot first, money second: the capture is asked for in the transaction that confirms."""
    capture = (Command(verb="capture", payment_id=news.payment_id),) if news.state == "authorised" else ()
    version = news.version if news.state == "authorised" else appointment.payment_version
    return decide(
        appointment,
        "authorise",
        "confirmed",
        now,
        event="appointment.confirmed",
        commands=capture,
        payment_mode="online",
        payment_state="authorised",
        payment_version=version,
    )


def _paid(appointment: Appointment, news: PaymentNews, now: datetime) -> Decision:
    """A receipt for who still comes; a refund for who cancelled while the capture was under way."""
    is_all = news.refunded_cents <= appointment.refunded_cents and not news.refund_failed
    version = news.version if is_all else appointment.payment_version
    stands = _stands(appointment)
    return decide(
        appointment,
        "settle",
        appointment.state,
        now,
        event="appointment.paid" if stands else None,
        commands=() if stands else _undo(news, "cancelled_in_time"),
        payment_state="paid",
        payment_version=version,
        paid_cents=news.amount_cents,
    )


def _refunded(appointment: Appointment, news: PaymentNews, now: datetime) -> Decision:
    """The same news may also tell of another refund, which failed."""
    return decide(
        appointment,
        "settle",
        appointment.state,
        now,
        event="appointment.refunded",
        payment_state=news.state,
        payment_version=appointment.payment_version if news.refund_failed else news.version,
        refunded_cents=news.refunded_cents,
    )


def _stands(appointment: Appointment) -> bool:
    """The fee is due, or will be: also while the office has offered another time, when the money waits."""
    return appointment.state in LIVE | {"completed", "no_show"} or appointment.rebook_until is not None


def _other(appointment: Appointment, news: PaymentNews, now: datetime) -> Decision:
    delayed: AppointmentEventType | None = "appointment.refund_delayed" if news.refund_failed else None
    if news.checking or (news.state == "review" and appointment.payment_state != "review"):
        return _note(appointment, news, now, "appointment.payment_checking")
    if news.state in LOST and appointment.state in STANDING and appointment.payment_mode == "online":
        return _fall_back_to_counter(appointment, news, now)
    if news.state in LOST and appointment.rebook_until:
        return _note(appointment, news, now, delayed, payment_mode="counter")
    if news.state == "authorised" and not _stands(appointment):
        return _note(appointment, news, now, delayed, commands=_undo(news, "cancelled_in_time"))
    return _note(appointment, news, now, delayed)


def _fall_back_to_counter(appointment: Appointment, news: PaymentNews, now: datetime) -> Decision:
    """The visit stands, its fee is due at the counter. Who is still to come is told so; who is there hears it there."""
    event: AppointmentEventType | None = "appointment.confirmed" if appointment.state == "confirmed" else None
    return _note(appointment, news, now, event, payment_mode="counter")


def _stray(appointment: Appointment, news: PaymentNews, now: datetime) -> Decision | None:
    """Of a payment that is no longer this appointment's (changed to the counter, or begun anew).

    A refund that failed is not asked for again, which would fail again: the treasury transfers it by hand.
    """
    commands = () if news.refund_failed else _undo(news, "duplicate")
    if not commands:
        return None
    return decide(appointment, "settle", appointment.state, now, commands=commands)


def _undo(news: PaymentNews, reason: RefundReason) -> tuple[Command, ...]:
    if news.state == "authorised":
        return (Command(verb="cancel", payment_id=news.payment_id),)
    due_cents = news.amount_cents - news.refunded_cents
    if news.state == "paid" and due_cents > 0:
        return (Command(verb="refund", payment_id=news.payment_id, amount_cents=due_cents, reason=reason),)
    return ()


def _note(
    appointment: Appointment,
    news: PaymentNews,
    now: datetime,
    event: AppointmentEventType | None = None,
    *,
    commands: tuple[Command, ...] = (),
    **changes: Any,
) -> Decision:
    return decide(
        appointment,
        "settle",
        appointment.state,
        now,
        event=event,
        commands=commands,
        payment_state=news.state,
        payment_version=news.version,
        **changes,
    )

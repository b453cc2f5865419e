"""While a slot is only reserved: how long, how it is extended, how it becomes a payment, and how it lapses.

A hold lasts 15 minutes and can be extended ten times by 5 (WCAG 2.2.1). Going to the checkout sets it to 35 minutes
from then; the payment itself expires 5 minutes earlier. A reservation lasts 90 minutes in all.
"""

from datetime import datetime, timedelta
from typing import Any

from booking.domain.appointment import Appointment, Decision, PaymentMode, decide
from booking.domain.errors import HoldExhausted, HoldExpired
from contracts.payment import PaymentView

HOLD = timedelta(minutes=15)
EXTENSION = timedelta(minutes=5)
EXTENSIONS_MAX = 10
CHECKOUT = timedelta(minutes=35)
PAYMENT_LEAD = timedelta(minutes=5)
CHECKOUT_MIN = timedelta(minutes=10)
RESERVATION_MAX = timedelta(minutes=90)
SAME_INTENT = timedelta(minutes=4)
"""A repeated attempt to reach the checkout within this time is the same one, and asks payment under the same key."""

OPEN = frozenset({"created", "pending"})
"""Payment states in which the citizen can still pay."""


def last_end(held_at: datetime, mode: PaymentMode) -> datetime:
    """How long it may last before the checkout, if there will be one."""
    return held_at + RESERVATION_MAX - (CHECKOUT_MIN if mode == "online" else timedelta(0))


def require_ahead(appointment: Appointment, now: datetime) -> None:
    """A reservation whose time is past cannot become a visit. Raises HoldExpired."""
    if appointment.starts_at <= now:
        raise HoldExpired("This time is past. Choose another one.")


def extend(appointment: Appointment, now: datetime) -> Decision:
    """Also while the mail address is being confirmed. Raises HoldExpired, HoldExhausted, Conflict."""
    if appointment.is_overdue(now):
        raise HoldExpired("The reservation has lapsed. Choose a time again.")
    if appointment.extension_count >= EXTENSIONS_MAX:
        raise HoldExhausted(f"The reservation can be extended {EXTENSIONS_MAX} times, and was.")
    until = (appointment.expires_at or now) + EXTENSION
    return decide(
        appointment,
        "extend",
        "awaiting_email" if appointment.state == "awaiting_email" else "held",
        now,
        expires_at=min(until, last_end(appointment.held_at, appointment.payment_mode)),
        extension_count=appointment.extension_count + 1,
    )


def extensions_left(appointment: Appointment) -> int:
    is_extendable = appointment.state in ("held", "awaiting_email")
    return EXTENSIONS_MAX - appointment.extension_count if is_extendable else 0


def is_same_intent(appointment: Appointment, return_url: str | None, now: datetime) -> bool:
    """A double-click, or a retry right after payment did not answer: nothing is to be decided again."""
    return (
        appointment.state in ("held", "awaiting_payment")
        and appointment.payment_mode == "online"
        and appointment.payment_id is None
        and appointment.return_url == return_url
        and not appointment.is_overdue(now)
        and now - appointment.updated_at < SAME_INTENT
    )


def go_to_checkout(appointment: Appointment, return_url: str | None, now: datetime) -> Decision:
    """A lapsed one starts anew, if its slot is still free. Raises HoldExhausted, Conflict."""
    lapsed = appointment.state == "expired" or appointment.is_overdue(now)
    held_at = now if lapsed else appointment.held_at
    until = min(now + CHECKOUT, held_at + RESERVATION_MAX)
    if until - now < CHECKOUT_MIN:
        raise HoldExhausted("A reservation lasts 90 minutes at most; too little is left for a payment.")
    return decide(
        appointment,
        "go_to_checkout",
        "awaiting_payment" if appointment.state == "awaiting_payment" else "held",
        now,
        payment_mode="online",
        held_at=held_at,
        expires_at=until,
        return_url=return_url,
        **no_payment(),
    )


def payment_expires_in_s(appointment: Appointment) -> int:
    """Seconds that the payment gets. Made of the row alone, so that a retry under the same key sends the same body."""
    assert appointment.expires_at is not None
    left = appointment.expires_at - appointment.updated_at - PAYMENT_LEAD
    return int(min(left, CHECKOUT - PAYMENT_LEAD).total_seconds())


def await_payment(appointment: Appointment, payment: PaymentView, now: datetime) -> Decision:
    """Payment has answered: from here on the citizen is at the checkout. Raises Conflict."""
    until = min(payment.expires_at + PAYMENT_LEAD, appointment.held_at + RESERVATION_MAX)
    return decide(
        appointment,
        "await_payment",
        "awaiting_payment",
        now,
        event="appointment.awaiting_payment",
        expires_at=max(until, now + PAYMENT_LEAD),
        payment_id=payment.id,
        payment_state=payment.state,
        payment_version=payment.version,
        payment_next_url=payment.next_url,
        treasury_reference=payment.treasury_reference,
        unfinished_told_at=None,
    )


def expire(appointment: Appointment, now: datetime) -> Decision:
    """Nothing is cancelled at payment: it expires there by itself, and a late authorisation may take the slot again."""
    if not appointment.is_overdue(now):
        raise HoldExpired("The reservation has not lapsed yet.")
    return decide(appointment, "expire", "expired", now, event="appointment.expired")


def tell_unfinished(appointment: Appointment, now: datetime) -> Decision:
    return decide(
        appointment,
        "tell_unfinished",
        "awaiting_payment",
        now,
        event="appointment.payment_unfinished",
        unfinished_told_at=now,
    )


def has_open_payment(appointment: Appointment) -> bool:
    return appointment.payment_id is not None and appointment.payment_state in OPEN


def no_payment() -> dict[str, Any]:
    """The columns of a payment, empty."""
    return {
        "payment_id": None,
        "payment_state": None,
        "payment_version": 0,
        "payment_next_url": None,
        "treasury_reference": None,
    }

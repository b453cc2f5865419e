"""A guest's mail address is proved by a link that only the mail holds, where the tenant wants it. Pure.

The slot stays reserved meanwhile: half an hour, 90 minutes in all, and for who pays online so that the checkout still
fits in.
"""

from datetime import datetime, timedelta
from typing import Final

from booking.domain.appointment import Appointment, Decision, PaymentMode, decide
from booking.domain.contact import Contact
from booking.domain.errors import HoldExhausted
from booking.domain.reservation import HOLD, last_end, require_ahead

PATIENCE: Final = timedelta(minutes=30)
PATIENCE_MIN: Final = timedelta(minutes=5)
PAUSE: Final = timedelta(minutes=1)
"""Between two mails to the same reservation."""
MAILS_MAX: Final = 5


def is_needed(contact: Contact, verified_at: datetime | None, *, wanted: bool) -> bool:
    """Who gave a telephone number only is believed: there is nothing to send a link to."""
    return wanted and contact.email is not None and verified_at is None


def ask_email(appointment: Appointment, mode: PaymentMode, return_url: str | None, now: datetime) -> Decision:
    """`mode`: how the fee will be paid afterwards. Also to ask again. Raises HoldExpired, HoldExhausted, Conflict."""
    require_ahead(appointment, now)
    lapsed = appointment.state == "expired" or appointment.is_overdue(now)
    held_at = now if lapsed else appointment.held_at
    until = min(now + PATIENCE, last_end(held_at, mode))
    if until - now < PATIENCE_MIN:
        raise HoldExhausted("A reservation lasts 90 minutes at most; too little is left to wait for the mail.")
    is_waiting = appointment.state == "awaiting_email" and not lapsed
    return decide(
        appointment,
        "ask_email",
        "awaiting_email",
        now,
        event="appointment.activation_requested",
        payment_mode=mode,
        return_url=return_url,
        held_at=held_at,
        expires_at=max(until, appointment.expires_at) if is_waiting and appointment.expires_at else until,
    )


def activate(appointment: Appointment, now: datetime) -> Decision:
    """What lapsed starts anew, if its slot is still free. Raises HoldExpired, Conflict."""
    require_ahead(appointment, now)
    lapsed = appointment.state == "expired" or appointment.is_overdue(now)
    return decide(
        appointment,
        "activate",
        "held",
        now,
        held_at=now if lapsed else appointment.held_at,
        expires_at=now + HOLD if lapsed else appointment.expires_at,
    )

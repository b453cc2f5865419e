"""The binding step: how the fee will be paid, and what is confirmed at once."""

from datetime import datetime
from typing import Literal

from booking.domain.appointment import Appointment, By, Command, Decision, PaymentMode, decide
from booking.domain.errors import Invalid
from booking.domain.reservation import no_payment


def choose_mode(appointment: Appointment, wish: Literal["online", "counter"]) -> PaymentMode:
    """What the service's policy makes of the citizen's wish. Raises Invalid where only online will do.

    A fee on request is not known before the visit, so it is paid at the counter whatever the policy says.
    """
    if appointment.payment_policy == "after_decision":
        return "after_decision"
    if appointment.fee_kind == "on_request":
        return "counter"
    if appointment.payment_policy == "none" or not appointment.fee_cents:
        return "none"
    if appointment.payment_policy == "counter":
        return "counter"
    if appointment.payment_policy == "online_required" and wish == "counter":
        raise Invalid.field("payment", 'expected "online": the fee of this service is paid before the visit')
    return wish


def choose_mode_by_staff(appointment: Appointment, *, is_waived: bool) -> PaymentMode:
    """The staff may take at the counter what others pay before the visit, and waive a fee that is fixed."""
    if appointment.payment_policy == "after_decision":
        return "after_decision"
    if appointment.fee_kind == "on_request":
        return "counter"
    return "counter" if appointment.fee_cents and not is_waived else "none"


def may_switch_to_counter(appointment: Appointment) -> bool:
    """Who chose to pay online, has not done so yet, and may pay at the visit after all."""
    return (
        appointment.payment_policy == "online_optional"
        and appointment.payment_mode == "online"
        and appointment.state in ("held", "awaiting_payment", "expired")
    )


def confirm(
    appointment: Appointment, mode: PaymentMode, return_url: str | None, now: datetime, by: By | None = None
) -> Decision:
    """Without a checkout; a payment begun before is called off. Raises Conflict."""
    assert mode != "online", "an online payment confirms by its authorisation"
    commands = (Command(verb="cancel", payment_id=appointment.payment_id),) if appointment.payment_id else ()
    return decide(
        appointment,
        "confirm",
        "confirmed",
        now,
        event="appointment.confirmed",
        commands=commands,
        by=by,
        payment_mode=mode,
        return_url=return_url,
        **no_payment(),
    )

"""What the office cannot keep: the citizen may choose another time for a while, with number and payment kept. Pure."""

from datetime import datetime, timedelta

from booking.domain.appointment import Appointment, By, Decision, decide
from booking.domain.change import NewSlot, give_back, is_unpaid
from booking.domain.errors import Conflict, TooLate


def rebook_until(appointment: Appointment, rebook_days: int, retention_days: int, now: datetime) -> datetime:
    """As long as the tenant gives, but never beyond the day on which the person's data is deleted."""
    return min(now + timedelta(days=rebook_days), appointment.ends_at + timedelta(days=retention_days))


def offer_rebooking(appointment: Appointment, until: datetime, note: str, now: datetime, by: By) -> Decision:
    """The slot is free, the calendars are cleared, and the money waits. Raises Conflict."""
    return decide(
        appointment,
        "offer_rebooking",
        "cancelled_by_office",
        now,
        event="appointment.rebooking_offered",
        by=by,
        rebook_until=until,
        office_note=note,
        citizen_sequence=appointment.citizen_sequence + 1,
    )


def require_open(appointment: Appointment, now: datetime) -> None:
    """Raises Conflict where nothing is offered, TooLate once the time to choose is over."""
    if appointment.rebook_until is None:
        raise Conflict(f"The appointment is {appointment.state}: no other time is offered for it.")
    if appointment.rebook_until <= now:
        raise TooLate("The time to choose another one is over. Please book anew.")


def rebook(appointment: Appointment, slot: NewSlot, now: datetime, by: By) -> Decision:
    """Raises Conflict, TooLate."""
    require_open(appointment, now)
    return decide(
        appointment,
        "rebook",
        "confirmed",
        now,
        event="appointment.moved",
        by=by,
        rebook_until=None,
        office_note="",
        lane_id=slot.lane_id,
        unit_id=slot.unit_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        fee_cents=slot.fee_cents if is_unpaid(appointment) else appointment.fee_cents,
        citizen_sequence=appointment.citizen_sequence + 1,
        reminded_at=None,
        overbooked=False,
    )


def decline_rebooking(appointment: Appointment, now: datetime, by: By) -> Decision:
    """It is over, and the money goes back. The clock declines when the time to choose has passed. Raises Conflict."""
    if appointment.rebook_until is None or (by.actor == "clock" and now < appointment.rebook_until):
        raise Conflict("No other time is offered for this appointment, or there is still time to choose.")
    return decide(
        appointment,
        "decline_rebooking",
        "cancelled_by_office",
        now,
        event="appointment.cancelled",
        commands=give_back(appointment, "cancelled_by_office"),
        by=by,
        rebook_until=None,
    )

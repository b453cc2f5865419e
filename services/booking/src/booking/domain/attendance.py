"""The day of the visit: who arrived, who is called, what was done, and who did not come. Pure.

What nobody records stays `confirmed` in the past: it is "not recorded" and no state of its own, so that statistics
never count a no-show that nobody saw. Staff may still record the end of it later.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import Appointment, By, Decision, decide
from booking.domain.errors import TooEarly, TooLate

EARLY = timedelta(minutes=30)
LATE = timedelta(minutes=15)
"""Around the visit's start, the time in which citizens announce themselves; outside of it the staff decides."""


def check_in(appointment: Appointment, now: datetime, by: By) -> Decision:
    """Raises Conflict, TooEarly, TooLate."""
    decision = decide(appointment, "check_in", "checked_in", now, event="appointment.checked_in", by=by)
    if by.actor == "citizen":
        _require_time(appointment, now)
    _require_today(appointment, now)
    return decision


def call(appointment: Appointment, now: datetime, by: By) -> Decision:
    """Raises Conflict, TooEarly, TooLate."""
    decision = decide(appointment, "call", "in_service", now, event="appointment.called", by=by)
    _require_today(appointment, now)
    return decision


def complete(appointment: Appointment, now: datetime, by: By) -> Decision:
    """Also after the day. Raises Conflict, TooEarly."""
    decision = decide(appointment, "complete", "completed", now, event="appointment.completed", by=by)
    _require_not_before_day(appointment, now)
    return decision


def miss(appointment: Appointment, now: datetime, by: By) -> Decision:
    """Also after the day. Raises Conflict, TooEarly."""
    decision = decide(appointment, "miss", "no_show", now, event="appointment.missed", by=by)
    if now < appointment.starts_at:
        raise TooEarly("The visit has not begun; nobody can have missed it.")
    return decision


def beside(decision: Decision) -> Decision:
    """The slot of who comes back was given away meanwhile: the visit takes place beside the other one."""
    return msgspec.structs.replace(decision, after=msgspec.structs.replace(decision.after, overbooked=True))


def opens_at(appointment: Appointment) -> datetime:
    """From when on the citizen may announce the arrival."""
    return appointment.starts_at - EARLY


def is_arrival_time(starts_at: datetime, now: datetime) -> bool:
    return starts_at - EARLY <= now <= starts_at + LATE


def _require_time(appointment: Appointment, now: datetime) -> None:
    if now < opens_at(appointment):
        raise TooEarly("Arrival is announced from 30 minutes before the visit on.")
    if now > appointment.starts_at + LATE:
        raise TooLate("The visit began more than 15 minutes ago. Please speak to the staff.")


def _require_today(appointment: Appointment, now: datetime) -> None:
    _require_not_before_day(appointment, now)
    if _day(appointment, now) > _day(appointment, appointment.starts_at):
        raise TooLate("The day of the visit is over; only its end can be recorded.")


def _require_not_before_day(appointment: Appointment, now: datetime) -> None:
    if _day(appointment, now) < _day(appointment, appointment.starts_at):
        raise TooEarly("The visit is on another day.")


def _day(appointment: Appointment, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(appointment.time_zone)).date()

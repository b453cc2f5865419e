"""When a person's data goes, and what becomes of the appointment then.

It goes so many days after the visit as the tenant keeps it (local days, so that a change of clocks shifts nothing); of
what was cancelled or lapsed, so many days after that; a draft that nobody bound, after a day; and at once when its
citizen asks for it. The appointment itself stays, for the statistics: it names nobody any more.
"""

from datetime import datetime, time, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from booking.domain.appointment import STANDING, WITH_DEADLINE, Appointment, By, Decision, decide
from booking.domain.errors import Conflict
from contracts.booking import AppointmentState

Rule = Literal["retention", "ended", "draft", "request"]
ENDED: Final[frozenset[AppointmentState]] = frozenset({"expired", "cancelled_by_citizen", "cancelled_by_office"})
DRAFT_LIFE: Final = timedelta(days=1)


class Cutoffs(NamedTuple):
    """What lies before these instants is due."""

    visit: datetime
    draft: datetime


def cutoffs(now: datetime, time_zone: str, retention_days: int) -> Cutoffs:
    """With 7 days, a visit on the 1st is due when the 8th begins there, whatever the clocks did in between."""
    zone = ZoneInfo(time_zone)
    day = now.astimezone(zone).date() - timedelta(days=retention_days - 1)
    return Cutoffs(datetime.combine(day, time.min, zone), now - DRAFT_LIFE)


def rule_for(appointment: Appointment, *, is_bound: bool, dates: Cutoffs, now: datetime) -> Rule | None:
    """None: it is not due yet."""
    if appointment.state in WITH_DEADLINE or appointment.rebook_until is not None:
        return None
    if appointment.starts_at < dates.visit and appointment.ends_at <= now:
        return "retention"
    if appointment.state in ENDED and appointment.updated_at < dates.visit:
        return "ended"
    if not is_bound and appointment.state not in STANDING and appointment.created_at < dates.draft:
        return "draft"
    return None


def is_over(appointment: Appointment, now: datetime) -> bool:
    """Nothing is needed of the person any more. Else it must be cancelled first."""
    if appointment.state in ("completed", "no_show"):
        return True
    if appointment.state in ENDED:
        return appointment.rebook_until is None
    return appointment.state == "confirmed" and appointment.ends_at <= now


def erase(appointment: Appointment, now: datetime, by: By) -> Decision:
    """What the row itself holds of the person or in words about the visit. Raises Conflict while it is live."""
    if by.actor != "clock" and not is_over(appointment, now):
        raise Conflict("The visit takes place. Its data can be deleted once it is over or cancelled.")
    return decide(
        appointment,
        "erase",
        appointment.state,
        now,
        event="appointment.erased",
        by=by,
        return_url=None,
        payment_next_url=None,
        office_note="",
    )

"""A clerk cannot keep a visit: until when somebody has to have found another one. Pure."""

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from booking.domain.appointment import Appointment, By, Decision, decide

RefusalKind = Literal["declined", "countered", "delegated", "link"]
"""How it was said: by the calendar program (no; another time; somebody else), or by the link in the mail."""

TIME_TO_ACT: Final = timedelta(hours=24)
BEFORE_VISIT: Final = timedelta(hours=2)
"""Later a citizen is on the way."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """What the clerk said no to: one revision of the calendar entry."""

    assignment_id: UUID
    sequence: int


def deadline(starts_at: datetime, now: datetime) -> datetime:
    """A day, but before the citizen is on the way; at once where that is so already."""
    return max(now, min(now + TIME_TO_ACT, starts_at - BEFORE_VISIT)).replace(microsecond=0)


def is_ahead(appointment: Appointment, now: datetime) -> bool:
    """It may still be given to somebody else."""
    return appointment.state == "checked_in" or (appointment.state == "confirmed" and appointment.starts_at > now)


def note_refusal(appointment: Appointment, now: datetime, by: By) -> Decision:
    """The visit stands as it is until somebody has found another clerk. Raises Conflict."""
    return decide(appointment, "note_refusal", appointment.state, now, event="appointment.reassign_task", by=by)


def note_mail_failure(appointment: Appointment, now: datetime) -> Decision:
    """Nothing changes but what the staff sees: phone instead."""
    return decide(appointment, "note_mail_failure", appointment.state, now)

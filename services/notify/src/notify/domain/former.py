"""The time by which a citizen still goes when a change is told: not what stood in booking before, but what was said."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from contracts.booking import Letter


class ToldStart(msgspec.Struct, frozen=True, kw_only=True):
    """A mail to the citizen by which the visit stands."""

    sequence: int
    """The revision of the calendar entry that it told."""
    start: datetime
    may_have_arrived: bool


def former_start(told: Sequence[ToldStart], letter: Letter) -> datetime | None:
    """None: nobody goes by another time. `told`: in the order in which they were written.

    Of two moves the first is passed over where its mail was superseded unsent. Where none has arrived yet the first one
    written has the time that the citizen chose, and saw, when booking.
    """
    older = [each for each in told if each.sequence < letter.citizen.calendar.sequence]
    arrived = [each for each in older if each.may_have_arrived]
    known = arrived[-1] if arrived else next(iter(older), None)
    return known.start if known and known.start != letter.start else None

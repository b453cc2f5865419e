"""A clerk's feed: which days it shows, and whether its bytes may have changed since they were written."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

PAST = timedelta(days=7)
AHEAD = timedelta(days=400)
"""As far as any booking window reaches."""


class Edition(NamedTuple):
    """What the bytes depend on: the clerk's visits, and the day on which the window begins."""

    revision: int
    day: date


def edition(revision: int, now: datetime, time_zone: str) -> Edition:
    return Edition(revision, now.astimezone(ZoneInfo(time_zone)).date())


def window(day: date, time_zone: str) -> tuple[datetime, datetime]:
    today = datetime.combine(day, time.min, ZoneInfo(time_zone))
    return today - PAST, today + AHEAD

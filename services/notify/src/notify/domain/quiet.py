"""Quiet hours, at night and on public holidays: reminders and offers wait for the morning, if it leaves time enough for
them. Everything else answers what somebody has just done, and is sent.
"""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

NIGHT_BEGINS = time(20, 0)
NIGHT_ENDS = time(7, 0)
TIME_TO_ACT = timedelta(hours=3)
"""Between the morning and the end of an offer, or the start of a visit. With less, better a mail at night than one in
vain: who asked for an earlier time would see only that it lapsed.
"""


def quiet_until(now: datetime, time_zone: str, land: str | None) -> datetime | None:
    """The end of the night or the holidays that `now` falls into; None when neither is. Local wall time, also when the
    clocks change.
    """
    local = now.astimezone(ZoneInfo(time_zone))
    day = local.date()
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS and not _is_holiday(day, land):
        return None
    if local.time() >= NIGHT_ENDS:
        day += timedelta(days=1)
    while _is_holiday(day, land):
        day += timedelta(days=1)
    return datetime.combine(day, NIGHT_ENDS, tzinfo=ZoneInfo(time_zone)).astimezone(now.tzinfo)


def hold_until(now: datetime, time_zone: str, land: str | None, deadline: datetime | None) -> datetime | None:
    """Until when a mail that may wait is held; None: it goes now."""
    morning = quiet_until(now, time_zone, land)
    if morning is None or (deadline is not None and deadline < morning + TIME_TO_ACT):
        return None
    return morning


def _is_holiday(day: date, land: str | None) -> bool:
    return day in _public_holidays(land, day.year)


@cache
def _public_holidays(land: str | None, year: int) -> frozenset[date]:
    """`land` None: those of all Germany."""
    return frozenset(holidays.country_holidays("DE", subdiv=land, years=year, categories=holidays.PUBLIC))

"""Quiet hours: reminders and offers wait for the morning, if it leaves time enough for them. Everything else answers
what somebody has just done, and is sent.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

NIGHT_BEGINS = time(20, 0)
NIGHT_ENDS = time(7, 0)
TIME_TO_ACT = timedelta(hours=3)
"""Between the morning and the end of an offer, or the start of a visit. With less, better a mail at night than one in
vain: who asked for an earlier time would see only that it lapsed.
"""


def quiet_until(now: datetime, time_zone: str) -> datetime | None:
    """The end of the night that `now` falls into, or None by day. Local wall time, also when the clocks change."""
    local = now.astimezone(ZoneInfo(time_zone))
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS:
        return None
    day = local.date() if local.time() < NIGHT_ENDS else local.date() + timedelta(days=1)
    return datetime.combine(day, NIGHT_ENDS, tzinfo=ZoneInfo(time_zone)).astimezone(now.tzinfo)


def hold_until(now: datetime, time_zone: str, deadline: datetime | None) -> datetime | None:
    """Until when a mail that may wait is held; None: it goes now."""
    morning = quiet_until(now, time_zone)
    if morning is None or (deadline is not None and deadline < morning + TIME_TO_ACT):
        return None
    return morning

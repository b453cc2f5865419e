"""Quiet hours: reminders wait for the morning. Everything else answers what somebody has just done, and is sent."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

NIGHT_BEGINS = time(20, 0)
NIGHT_ENDS = time(7, 0)


def quiet_until(now: datetime, time_zone: str) -> datetime | None:
    """The end of the night that `now` falls into, or None by day. Local wall time, also when the clocks change."""
    local = now.astimezone(ZoneInfo(time_zone))
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS:
        return None
    day = local.date() if local.time() < NIGHT_ENDS else local.date() + timedelta(days=1)
    return datetime.combine(day, NIGHT_ENDS, tzinfo=ZoneInfo(time_zone)).astimezone(now.tzinfo)

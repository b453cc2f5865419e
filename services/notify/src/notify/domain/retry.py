"""When a mail that did not get through is tried again."""

from datetime import datetime, timedelta

DELAYS_S = (10, 60, 300, 900, 3600)
"""After the first, second, … try; then hourly."""
GIVE_UP_AFTER = timedelta(hours=24)
"""Since the server first sent the mail back. One that is away costs no mail: its silence says nothing about it."""
JITTER = 0.2
LAST_CALL = timedelta(minutes=5)
"""The last try before the deadline, where the schedule would pass it."""
TRIES_APART_MIN = timedelta(seconds=5)


def next_try(tries: int, now: datetime, deadline: datetime | None, chance: float) -> datetime | None:
    """None: there is no more try before the deadline. `chance` in [0, 1) spreads the tries of many mails."""
    delay_s = DELAYS_S[min(tries, len(DELAYS_S)) - 1] * (1 + JITTER * (2 * chance - 1))
    due_at = now + timedelta(seconds=delay_s)
    if deadline is None or due_at < deadline:
        return due_at
    last = deadline - LAST_CALL
    return last if last > now + TRIES_APART_MIN else None


NOTICE_DELAYS_S = (1, 2, 5, 15, 60, 300)
NOTICE_GIVE_UP_AFTER = timedelta(days=7)


def next_asking(tries: int, now: datetime, first_at: datetime) -> datetime | None:
    """When booking is asked again for a letter; None after a week, for then the fault is not a passing one."""
    if now - first_at > NOTICE_GIVE_UP_AFTER:
        return None
    return now + timedelta(seconds=NOTICE_DELAYS_S[min(tries, len(NOTICE_DELAYS_S)) - 1])

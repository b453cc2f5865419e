"""Whether the mail server is asked at all: one for all senders of a process."""

from datetime import datetime, timedelta

from notify.domain.sending import Outcome

LOCKED_OUT_S = (30, 60, 300, 900)
"""A password or certificate is mended by a person: ask again ever more seldom, and burn no mail's tries."""
SLOW_DOWN_S = 10


class Breaker:
    def __init__(self) -> None:
        self._open_until: datetime | None = None
        self._failures = 0

    def is_open(self, now: datetime) -> bool:
        return self._open_until is not None and now < self._open_until

    def note(self, outcome: Outcome, now: datetime) -> None:
        if outcome.result == "locked_out":
            pause_s = LOCKED_OUT_S[min(self._failures, len(LOCKED_OUT_S) - 1)]
            self._failures += 1
        elif outcome.slow_down:
            pause_s = SLOW_DOWN_S
        else:
            self._failures = 0 if outcome.result == "accepted" else self._failures
            return
        self._open_until = now + timedelta(seconds=pause_s)

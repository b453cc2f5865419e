"""When an account that refuses us is tried again: ever more seldom. A person must mend it; trying on may lock it."""

from datetime import datetime, timedelta
from typing import Final

PAUSES_S: Final = (30, 60, 300, 900)


class Patience:
    def __init__(self) -> None:
        self._refusals = 0
        self._until: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """It may be tried."""
        return self._until is None or now >= self._until

    def refuse(self, now: datetime) -> None:
        self._until = now + timedelta(seconds=PAUSES_S[min(self._refusals, len(PAUSES_S) - 1)])
        self._refusals += 1

    def admit(self) -> None:
        self._refusals, self._until = 0, None

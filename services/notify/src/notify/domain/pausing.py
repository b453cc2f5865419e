"""When a mail server is left in peace: it refuses us, is away, or asks for less. One pause an account, for all senders.

After a pause one mail goes alone, as a probe. A server that asked for less is spoken to slowly at first: each accepted
mail halves the gap before the next, until the pause is over. What a person must mend is asked for ever more seldom.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from notify.domain.sending import Outcome

Cause = Literal["locked_out", "unreachable", "slow_down"]

PAUSES_S: Final[Mapping[Cause, tuple[int, ...]]] = {
    "locked_out": (30, 60, 300, 900),
    "unreachable": (5, 15, 30, 60),
    "slow_down": (10, 20, 40, 80, 160, 300),
}
"""By level: how often the cause came in a row."""
PROBE: Final = timedelta(seconds=30)
"""So long the probe has the server to itself."""
GAP_S: Final = 0.5
"""Between two mails at the last level of a slow start; twice as long at each level above."""


class Pause(NamedTuple):
    cause: Cause
    level: int
    until: datetime


def cause_of(outcome: Outcome) -> Cause | None:
    if outcome.result == "locked_out":
        return "locked_out"
    if outcome.slow_down:
        return "slow_down"
    return "unreachable" if outcome.result == "unreachable" else None


def pause_after(outcome: Outcome, known: Pause | None, now: datetime) -> Pause | None:
    """What follows from one mail's outcome; None: no pause. `known` is the pause under which the mail was claimed."""
    cause = cause_of(outcome)
    if cause is None:
        return _slow_start(outcome, known, now)
    level = (known.level if known and known.cause == cause else 0) + 1
    seconds = PAUSES_S[cause]
    return Pause(cause, min(level, len(seconds)), now + timedelta(seconds=seconds[min(level, len(seconds)) - 1]))


def _slow_start(outcome: Outcome, known: Pause | None, now: datetime) -> Pause | None:
    if known is None or known.cause != "slow_down" or known.level == 1:
        return None
    level = known.level - 1 if outcome.result == "accepted" else known.level
    return Pause("slow_down", level, now + timedelta(seconds=GAP_S * 2**level))

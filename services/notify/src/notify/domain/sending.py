"""Two decisions about a stored mail: may it go now, and what follows from how the server answered."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from contracts.booking import AppointmentState
from contracts.tenant import land_of
from notify.domain.delivery import State
from notify.domain.kinds import RULES, Kind, is_true
from notify.domain.quiet import hold_until
from notify.domain.retry import GIVE_UP_AFTER, next_try


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A mail whose turn it is, with what the projection says of its appointment."""

    kind: Kind
    state: State
    has_newer: bool
    """A newer revision of its calendar entry was written for this recipient."""
    expires_at: datetime | None
    resend_number: int
    appointment_state: AppointmentState | None
    """None: it is about no appointment."""
    time_zone: str
    ars: str
    """The tenant's Amtlicher Regionalschlüssel: it says whose public holidays are kept."""
    was_invited: bool
    """An earlier invitation of this calendar entry may have reached this recipient."""
    address_refused: bool


class Go(msgspec.Struct, frozen=True):
    pass


class Hold(msgspec.Struct, frozen=True):
    until: datetime


class Drop(msgspec.Struct, frozen=True):
    state: Literal["suppressed", "expired"]
    cause: str


def is_superseded(kind: Kind, state: State, *, has_newer: bool) -> bool:
    """One of unknown outcome goes all the same, so that the order on the wire holds. A cancellation is always told."""
    return has_newer and state != "unknown" and kind not in {"cancelled", "declined"}


def may_go(candidate: Candidate, now: datetime) -> Go | Hold | Drop:
    rule = RULES[candidate.kind]
    if is_superseded(candidate.kind, candidate.state, has_newer=candidate.has_newer):
        return Drop("suppressed", "superseded")
    if candidate.expires_at is not None and now >= candidate.expires_at:
        return Drop("expired", "too_late")
    if not is_true(candidate.kind, candidate.appointment_state):
        return Drop("suppressed", f"appointment_{candidate.appointment_state}")
    if candidate.kind == "withdrawal" and not candidate.was_invited:
        return Drop("suppressed", "never_invited")
    if not rule.quiet or candidate.resend_number:
        return Go()
    if candidate.address_refused and rule.dispensable:
        return Drop("suppressed", "address_refused_before")
    until = hold_until(now, candidate.time_zone, land_of(candidate.ars), candidate.expires_at)
    return Go() if until is None else Hold(until)


Result = Literal[
    "accepted",
    "deferred",  # 4xx to this mail
    "refused",  # 5xx to this mail
    "address_refused",  # 5xx to the recipient
    "unreachable",  # no connection: the same for every mail
    "cut_off",  # lost before DATA
    "unknown",  # lost after DATA: it may have arrived
    "locked_out",  # the server refuses us, or is not who it should be: no mail's fault
]


class Outcome(msgspec.Struct, frozen=True):
    result: Result
    code: int | None = None
    """The server's SMTP code, where it gave one."""
    slow_down: bool = False
    """421 or 432: too much at once."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    tries: int
    """This one included."""
    deferred_since: datetime | None
    """When the server first sent it back, or broke off; None: not yet. A server that is away does not count."""
    expires_at: datetime | None


class Move(msgspec.Struct, frozen=True, kw_only=True):
    state: State
    tries: int
    due_at: datetime | None = None
    deferred_since: datetime | None = None
    cause: str | None = None


def settle(outcome: Outcome, attempt: Attempt, now: datetime, chance: float) -> Move:
    cause = f"{outcome.result}_{outcome.code}" if outcome.code else outcome.result
    match outcome.result:
        case "accepted":
            return Move(state="accepted", tries=attempt.tries)
        case "refused" | "address_refused":
            return Move(state="failed", tries=attempt.tries, cause=cause)
        case "locked_out":
            return Move(state="queued", tries=attempt.tries - 1, due_at=now, cause=cause)
        case _:
            return _try_again(outcome, attempt, now, chance, cause)


def _try_again(outcome: Outcome, attempt: Attempt, now: datetime, chance: float, cause: str) -> Move:
    since = attempt.deferred_since or (None if outcome.result == "unreachable" else now)
    if outcome.result != "unreachable" and since and now - since >= GIVE_UP_AFTER:
        return Move(state="failed", tries=attempt.tries, cause=cause)
    due_at = next_try(attempt.tries, now, attempt.expires_at, chance)
    if due_at is None:
        return Move(state="expired", tries=attempt.tries, cause=cause)
    state: State = "unknown" if outcome.result == "unknown" else "retry_wait"
    return Move(state=state, tries=attempt.tries, due_at=due_at, deferred_since=since, cause=cause)


ASSUMED_DELIVERED_AFTER = timedelta(hours=72)

"""Leaving `review`: which decisions a person may make, and what each does. Pure: the facts are handed in.

The facts are the payment's attempts with what was booked, and what the provider says of each just now. Whatever came
in is booked already; so a decision never invents money, it only says what the money is to count for.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, get_args

import msgspec

from payment.domain.attempt import Attempt, AttemptState, Seen
from payment.domain.payment import Payment, Trigger

ReviewDecision = Literal[
    "look_again",  # the provider is asked anew; the payment stays where it is
    "accept",  # the amount that was asked for came in: the payment is paid
    "accept_amount",  # another amount came in and shall do: it becomes the payment's amount
    "take",  # the right amount is reserved: it is captured
    "release",  # what is reserved is released, and the payment cancelled
    "give_back",  # what came in is refunded once a second person agrees, and the payment cancelled
    "returned",  # what came in cannot be booked, and was given back at the provider by hand: the payment is cancelled
    "close",  # nothing came in and nothing is reserved: the payment is cancelled
]
Obstacle = Literal[
    "not_in_review",
    "under_way",  # an attempt is still being closed or released
    "no_answer",  # the provider does not say how it stands
    "nothing_captured",
    "amount_fits",
    "amount_differs",
    "nothing_reserved",
    "not_takeable",  # reserved is another amount, currency or reference
    "money_captured",
    "money_booked",
    "money_reserved",
]
CAUSES = (
    "amount_differs",
    "currency_differs",
    "reference_differs",
    "captured_elsewhere",
    "authorised_unasked",
    "void_unknown",
)
"""All but the codes with which a provider refused a command."""
DECISIONS: tuple[ReviewDecision, ...] = get_args(ReviewDecision)


class Finding(msgspec.Struct, frozen=True):
    """An attempt, and what the provider says of it now; None: no answer, or there is nothing to ask."""

    attempt: Attempt
    says: Seen | None = None
    returned_cents: int = 0
    """Of what was captured: back, on its way back, or lost by a dispute."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`attempts` as they are to be; `amount_cents` where the payment's own changes."""

    trigger: Trigger
    settled: Attempt | None = None
    amount_cents: int | None = None
    attempts: tuple[Attempt, ...] = ()
    gives_back: tuple[Attempt, ...] = ()
    """Captured; goes back by this person's wish."""
    duplicates: tuple[Attempt, ...] = ()
    """Captured besides what counts; goes back by rule."""


class _Facts(msgspec.Struct, frozen=True, kw_only=True):
    captured: tuple[Attempt, ...]
    """Of the payment's amount first, of these the one that counted so far, then the oldest."""
    unbooked: tuple[Attempt, ...]
    """Paid in another currency or under another reference: never booked."""
    reserved: tuple[Finding, ...]
    unknown: tuple[Attempt, ...]
    under_way: bool

    @property
    def has_money(self) -> bool:
        return bool(self.captured or self.unbooked)


def plan(decision: ReviewDecision, payment: Payment, findings: Sequence[Finding], now: datetime) -> Plan | Obstacle:
    if payment.state != "review":
        return "not_in_review"
    if decision == "look_again":
        return Plan(trigger=Trigger.LOOK_AGAIN)
    facts = _facts(payment, findings, now)
    return "under_way" if facts.under_way else _PLANS[decision](payment, facts)


def cause_word(cause: str) -> str:
    return cause if cause in CAUSES else "refused"


def _facts(payment: Payment, findings: Sequence[Finding], now: datetime) -> _Facts:
    captured = [each.attempt for each in findings if each.attempt.captured_cents > each.returned_cents]
    standing = [each for each in findings if _may_hold_money(each.attempt)]
    return _Facts(
        captured=tuple(sorted(captured, key=lambda attempt: _rank(payment, attempt))),
        unbooked=tuple(each.attempt for each in standing if each.says and each.says.status == "paid"),
        reserved=tuple(each for each in standing if each.says and each.says.status == "authorised"),
        unknown=tuple(each.attempt for each in standing if _is_unknown(each, now)),
        under_way=any(each.attempt.is_live or each.attempt.state == "voiding" for each in findings),
    )


def _may_hold_money(attempt: Attempt) -> bool:
    return attempt.state in ("review", "authorised") and not attempt.captured_cents


def _is_unknown(finding: Finding, now: datetime) -> bool:
    """A reservation ends by itself, also where the provider is never heard of again."""
    lapses_at = finding.attempt.authorization_expires_at
    if lapses_at and lapses_at <= now:
        return False
    return finding.says is None or finding.says.status in ("open", "approved")


def _rank(payment: Payment, attempt: Attempt) -> tuple[bool, bool, datetime]:
    differs = attempt.captured_cents != payment.amount_cents
    return differs, attempt.id != payment.settled_attempt_id, attempt.created_at


def _accept(payment: Payment, facts: _Facts) -> Plan | Obstacle:
    if not facts.captured:
        return "nothing_captured"
    if facts.captured[0].captured_cents != payment.amount_cents:
        return "amount_differs"
    return _count(facts, None)


def _accept_amount(payment: Payment, facts: _Facts) -> Plan | Obstacle:
    if not facts.captured:
        return "nothing_captured"
    captured_cents = facts.captured[0].captured_cents
    return "amount_fits" if captured_cents == payment.amount_cents else _count(facts, captured_cents)


def _count(facts: _Facts, amount_cents: int | None) -> Plan:
    """One capture counts. The others go back, and what is reserved besides is released."""
    counts, *others = facts.captured
    return Plan(
        trigger=Trigger.ACCEPT,
        settled=counts,
        amount_cents=amount_cents,
        attempts=(*_all_in("paid", facts.captured), *_released(facts)),
        duplicates=tuple(others),
    )


def _take(payment: Payment, facts: _Facts) -> Plan | Obstacle:
    if facts.has_money:
        return "money_captured"
    if not facts.reserved:
        return "no_answer" if facts.unknown else "nothing_reserved"
    fitting = [each.attempt for each in facts.reserved if _fits(payment, each.says)]
    if not fitting:
        return "not_takeable"
    counts = fitting[0]
    others = [attempt for attempt in _released(facts) if attempt.id != counts.id]
    taken = _all_in("authorised", [counts])
    return Plan(trigger=Trigger.TAKE, settled=counts, attempts=(*taken, *others))


def _fits(payment: Payment, says: Seen | None) -> bool:
    return says is not None and says.amount == payment.amount and says.reference == payment.treasury_reference


def _release(_: Payment, facts: _Facts) -> Plan | Obstacle:
    if facts.has_money:
        return "money_captured"
    released = _released(facts)
    if not released:
        return "nothing_reserved"
    return Plan(trigger=Trigger.RELEASE, settled=released[0], attempts=released)


def _give_back(_: Payment, facts: _Facts) -> Plan | Obstacle:
    if not facts.captured:
        return "nothing_captured"
    attempts = (*_all_in("paid", facts.captured), *_released(facts))
    return Plan(trigger=Trigger.GIVE_BACK, attempts=attempts, gives_back=facts.captured)


def _returned(_: Payment, facts: _Facts) -> Plan | Obstacle:
    if facts.captured:
        return "money_booked"
    if not facts.unbooked:
        return "nothing_captured"
    return Plan(trigger=Trigger.GIVE_BACK, attempts=_released(facts))


def _close(_: Payment, facts: _Facts) -> Plan | Obstacle:
    if facts.has_money:
        return "money_captured"
    if facts.reserved:
        return "money_reserved"
    return "no_answer" if facts.unknown else Plan(trigger=Trigger.CLOSE)


def _released(facts: _Facts) -> tuple[Attempt, ...]:
    """Also what may be reserved: releasing what is not there does no harm."""
    candidates = [*(each.attempt for each in facts.reserved), *facts.unknown]
    return _all_in("voiding", [attempt for attempt in candidates if attempt.authorization_id])


def _all_in(state: AttemptState, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    return tuple(msgspec.structs.replace(attempt, state=state, tries=0) for attempt in attempts)


_PLANS: dict[ReviewDecision, Callable[[Payment, _Facts], Plan | Obstacle]] = {
    "accept": _accept,
    "accept_amount": _accept_amount,
    "take": _take,
    "release": _release,
    "give_back": _give_back,
    "returned": _returned,
    "close": _close,
}

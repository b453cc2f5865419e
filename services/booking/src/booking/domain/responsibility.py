"""Who is responsible for a visit: decided from rules and what is known, or said what must be asked for. Pure.

The rules of a service are looked at by priority; the first that fits decides, and where none does, the unit that offers
the service. While facts are missing, only those are asked for that can still change the outcome.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

import msgspec

from booking.domain.responsibility_cases import Rules, cases
from booking.domain.responsibility_rules import FACTS, Fact, Known, ResponsibilityRule, fits, open_facts


class RuleBook(msgspec.Struct, frozen=True, dict=True):
    """A tenant's rules: those of each service that can be followed there, best first."""

    by_service: Mapping[UUID, tuple[ResponsibilityRule, ...]] = {}
    version: str = ""
    """Another one after every change: what was decided by other rules is decided anew."""

    def rules_of(self, service_ids: Sequence[UUID]) -> Iterator[ResponsibilityRule]:
        for service_id in service_ids:
            yield from self.by_service.get(service_id, ())

    def decide_unasked(self, service_id: UUID) -> "Decision":
        """Knowing nothing of the citizen. Asked for by every list of times, so it is kept."""
        if service_id not in self._unasked:
            self._unasked[service_id] = decide(self.by_service.get(service_id, ()), Known())
        return self._unasked[service_id]

    @cached_property
    def _unasked(self) -> "dict[UUID, Decision]":
        return {}


def version_of(rules: Rules) -> str:
    return hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:12] if rules else ""


class Decision(NamedTuple):
    asks: tuple[Fact, ...]
    """What is still needed; none: decided."""
    rule: ResponsibilityRule | None
    """The rule that decides; null: the unit that offers the service."""
    left: Rules
    """The rules that may still decide, the last one perhaps for certain."""


def decide(rules: Rules, known: Known) -> Decision:
    """`rules`: one service's, best first."""
    left = _left(rules, known)
    asks = tuple(fact for fact in FACTS if getattr(known, fact) is None and _matters(left, known, fact))
    return Decision(asks, None if asks else _outcome(left, known), left)


def _left(rules: Rules, known: Known) -> Rules:
    """Those that may still decide: what comes behind one that fits for certain never does."""
    left: list[ResponsibilityRule] = []
    for rule in rules:
        fit = fits(rule, known)
        if fit is not False:
            left.append(rule)
        if fit:
            break
    return left


def _outcome(left: Rules, known: Known) -> ResponsibilityRule | None:
    """Where what is unknown cannot matter, any value of it will do."""
    for fact in FACTS:
        if any(fact in open_facts(rule, known) for rule in left):
            known, left = next(cases(left, known, fact))
    return next((rule for rule in left if fits(rule, known)), None)


def _matters(rules: Rules, known: Known, fact: Fact) -> bool:
    """Whether two values of `fact` exist that lead to two outcomes, the other facts being the same."""
    left = _left(rules, known)
    missing = {open_fact for rule in left for open_fact in open_facts(rule, known)}
    if fact not in missing or _is_settled(left, known):
        return False
    other = next((one for one in FACTS if one in missing and one != fact), None)
    if other is not None:
        return any(_matters(some, supposed, fact) for supposed, some in cases(left, known, other))
    outcomes = (_outcome(some, supposed) for supposed, some in cases(left, known, fact))
    targets = (rule.target if rule else None for rule in outcomes)
    first = next(targets)
    return any(target != first for target in targets)


def _is_settled(left: Rules, known: Known) -> bool:
    """All that may still decide name the same."""
    if not left or fits(left[-1], known) is None:
        return not left
    return len({rule.target for rule in left}) == 1

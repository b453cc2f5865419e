"""What staff change in a rule set, each as a function from the set as it is to the set as it shall be. Pure."""

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar
from uuid import UUID

import msgspec

from booking.domain.errors import Invalid, NotFound
from booking.domain.holidays import ClosingCustom
from booking.domain.rule_set import Closure, OpeningRule, RuleSet, ScheduleException, content_of

RuleEdit: TypeAlias = Callable[[RuleSet], RuleSet]
R = TypeVar("R", Closure, ScheduleException)


def replace_opening(location_id: UUID, lane_id: int | None, rules: Sequence[OpeningRule]) -> RuleEdit:
    """All rules of a location, or of one lane; a lane without rules of its own lives by its location's."""

    def edit(rule_set: RuleSet) -> RuleSet:
        kept = [rule for rule in rule_set.opening if (rule.location_id, rule.lane_id) != (location_id, lane_id)]
        return msgspec.structs.replace(rule_set, opening=(*kept, *rules))

    return edit


def add_closure(closure: Closure) -> RuleEdit:
    def edit(rule_set: RuleSet) -> RuleSet:
        key = _closure_key(closure)
        if any(_closure_key(known) == key for known in rule_set.closures):
            raise Invalid.field("reason", "there is a closure of that day, time and reason already")
        return msgspec.structs.replace(rule_set, closures=(*rule_set.closures, closure))

    return edit


def _closure_key(closure: Closure) -> tuple[object, ...]:
    return closure.location_id, closure.day, closure.closed_from, closure.reason


def remove_closure(closure_id: UUID) -> RuleEdit:
    def edit(rule_set: RuleSet) -> RuleSet:
        return msgspec.structs.replace(rule_set, closures=_without(rule_set.closures, closure_id, "closure"))

    return edit


def _without(rules: tuple[R, ...], id_: UUID, name: str) -> tuple[R, ...]:
    kept = tuple(rule for rule in rules if rule.id != id_)
    if len(kept) == len(rules):
        raise NotFound(f"There is no such {name} now.")
    return kept


def put_exception(exception: ScheduleException) -> RuleEdit:
    """In place of the one that the location or lane has on that day."""

    def edit(rule_set: RuleSet) -> RuleSet:
        key = exception.location_id, exception.lane_id, exception.day
        kept = [each for each in rule_set.exceptions if (each.location_id, each.lane_id, each.day) != key]
        return msgspec.structs.replace(rule_set, exceptions=(*kept, exception))

    return edit


def remove_exception(exception_id: UUID) -> RuleEdit:
    def edit(rule_set: RuleSet) -> RuleSet:
        return msgspec.structs.replace(rule_set, exceptions=_without(rule_set.exceptions, exception_id, "exception"))

    return edit


def set_customs(customs: Sequence[ClosingCustom]) -> RuleEdit:
    return lambda rule_set: msgspec.structs.replace(rule_set, customs=tuple(customs))


def restore(former: RuleSet) -> RuleEdit:
    """All as an earlier version had it, as new rules: what was retired stays in the history."""
    return lambda rule_set: msgspec.structs.replace(
        rule_set,
        opening=tuple(content_of(rule) for rule in former.opening),
        exceptions=tuple(content_of(rule) for rule in former.exceptions),
        closures=tuple(content_of(rule) for rule in former.closures),
        customs=tuple(content_of(rule) for rule in former.customs),
    )

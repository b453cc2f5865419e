"""What staff change in a rule set, each as a function from the set as it is to the set as it shall be. Pure."""

from collections.abc import Callable, Sequence
from typing import TypeAlias
from uuid import UUID

import msgspec

from booking.domain.errors import Invalid, NotFound
from booking.domain.holidays import ClosingCustom
from booking.domain.rule_set import Closure, OpeningRule, RuleSet, ScheduleException, content_of

RuleEdit: TypeAlias = Callable[[RuleSet], RuleSet]


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
        kept = tuple(closure for closure in rule_set.closures if closure.id != closure_id)
        if len(kept) == len(rule_set.closures):
            raise NotFound("There is no such closure now.")
        return msgspec.structs.replace(rule_set, closures=kept)

    return edit


def put_exception(exception: ScheduleException) -> RuleEdit:
    """In place of the one that the location or lane has on that day."""

    def edit(rule_set: RuleSet) -> RuleSet:
        key = exception.location_id, exception.lane_id, exception.day
        kept = [each for each in rule_set.exceptions if (each.location_id, each.lane_id, each.day) != key]
        return msgspec.structs.replace(rule_set, exceptions=(*kept, exception))

    return edit


def remove_exception(exception_id: UUID) -> RuleEdit:
    def edit(rule_set: RuleSet) -> RuleSet:
        kept = tuple(exception for exception in rule_set.exceptions if exception.id != exception_id)
        if len(kept) == len(rule_set.exceptions):
            raise NotFound("There is no such exception now.")
        return msgspec.structs.replace(rule_set, exceptions=kept)

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

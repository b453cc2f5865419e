"""Rules of one priority that can fit the same citizen and name different people: only their order decides. Pure."""

from collections.abc import Callable, Collection, Sequence
from itertools import combinations
from typing import TypeVar

from booking.domain.house_numbers import HouseNumber
from booking.domain.responsibility_rules import ResponsibilityRule, StreetSection, SurnameRange

T = TypeVar("T")


def find_overlaps(rules: Sequence[ResponsibilityRule]) -> list[tuple[str, str]]:
    """Pairs of names; the first one decides."""
    return [
        (one.name, other.name)
        for one, other in combinations(rules, 2)
        if one.priority == other.priority and one.target != other.target and _overlap(one, other)
    ]


def _overlap(one: ResponsibilityRule, other: ResponsibilityRule) -> bool:
    return (
        _share(one.service_ids, other.service_ids)
        and _share(one.postcodes, other.postcodes)
        and _share(_municipalities(one), _municipalities(other))
        and _any_pair(one.surnames, other.surnames, _ranges_meet)
        and _any_pair(one.streets, other.streets, _sections_meet)
    )


def _share(one: Collection[object], other: Collection[object]) -> bool:
    return not one or not other or bool(set(one) & set(other))


def _municipalities(rule: ResponsibilityRule) -> set[str]:
    return {key for municipality in rule.municipalities for key in municipality.keys}


def _any_pair(one: Sequence[T], other: Sequence[T], meet: Callable[[T, T], bool]) -> bool:
    return not one or not other or any(meet(a, b) for a in one for b in other)


def _ranges_meet(one: SurnameRange, other: SurnameRange) -> bool:
    a, b = one.interval, other.interval
    return max(a.first, b.first) < min(a.behind, b.behind)


def _sections_meet(one: StreetSection, other: StreetSection) -> bool:
    if one.key != other.key:
        return False
    (a_first, a_behind), (b_first, b_behind) = one.bounds, other.bounds
    first = max(a_first, b_first)
    next_to = HouseNumber(first.number + 1)  # of the other side
    return any(
        number < min(a_behind, b_behind) and one.holds(number) and other.holds(number) for number in (first, next_to)
    )

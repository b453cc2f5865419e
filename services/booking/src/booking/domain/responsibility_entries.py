"""Responsibility rules as people write them, in files and over the API: with names instead of ids. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec

from booking.domain.errors import Invalid
from booking.domain.folding import fold
from booking.domain.house_numbers import parse_house_number
from booking.domain.responsibility_rules import (
    Municipality,
    ResponsibilityRule,
    StreetSection,
    SurnameRange,
    Text,
)

RULES_MAX = 300
Postcode = Annotated[str, msgspec.Meta(pattern="^[0-9]{5}$")]


class RuleEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Text
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    """The highest that fits decides; among equals the one that stands first."""
    services: tuple[Text, ...] = ()
    municipalities: tuple[Municipality, ...] = ()
    postcodes: tuple[Postcode, ...] = ()
    streets: tuple[StreetSection, ...] = ()
    surnames: tuple[SurnameRange, ...] = ()
    unit: Text | None = None
    clerk: Text | None = None
    deputy: Text | None = None


class Directory(NamedTuple):
    """A tenant's names, also of services that are no longer offered."""

    services: Mapping[str, UUID]
    units: Mapping[str, UUID]
    clerks: Mapping[str, UUID]


Problem = tuple[str, str]
"""A field, and what is expected."""


def check_entries(entries: Sequence[RuleEntry], directory: Directory) -> None:
    """Raises Invalid, which names each wrong field."""
    problems = [
        (f"items[{index}].{field}", message)
        for index, found in enumerate(find_problems(entries, directory))
        for field, message in found
    ]
    if problems:
        raise Invalid("; ".join(f"{field}: {message}" for field, message in problems[:5]), problems)


def find_problems(entries: Sequence[RuleEntry], directory: Directory) -> list[list[Problem]]:
    """Of each entry."""
    names = [entry.name for entry in entries]
    return [
        [*_problems(entry, directory), *([("name", "each name once")] if entry.name in names[:index] else [])]
        for index, entry in enumerate(entries)
    ]


def _problems(entry: RuleEntry, directory: Directory) -> Iterator[Problem]:
    yield from _wrong_target(entry, directory)
    for index, service in enumerate(entry.services):
        if service not in directory.services:
            yield f"services[{index}]", f"there is no service “{service}”"
    for index, section in enumerate(entry.streets):
        yield from ((f"streets[{index}].{field}", message) for field, message in _wrong_section(section))
    for index, surnames in enumerate(entry.surnames):
        yield from ((f"surnames[{index}].{field}", message) for field, message in _wrong_range(surnames))


def _wrong_target(entry: RuleEntry, directory: Directory) -> Iterator[Problem]:
    if (entry.unit is None) == (entry.clerk is None):
        yield "clerk", "expected either a unit or a clerk"
    if entry.unit is not None and entry.unit not in directory.units:
        yield "unit", f"there is no unit “{entry.unit}”"
    for field, name in (("clerk", entry.clerk), ("deputy", entry.deputy)):
        if name is not None and name not in directory.clerks:
            yield field, f"there is no clerk “{name}”"
    if entry.deputy is not None and entry.clerk in (None, entry.deputy):
        yield "deputy", "expected beside a clerk, and another one"


def _wrong_section(section: StreetSection) -> Iterator[Problem]:
    if not section.key:
        yield "street", "expected a street's name"
    for field, text in (("from", section.first), ("to", section.last)):
        if text is not None and parse_house_number(text) is None:
            yield field, "expected a house number such as 12 or 12a"
            return
    if section.bounds[0] >= section.bounds[1]:
        yield "to", f"stands before {section.first}"


def _wrong_range(surnames: SurnameRange) -> Iterator[Problem]:
    for field, text in (("from", surnames.first), ("to", surnames.last)):
        if text is not None and not fold(text)[:1].isalpha():
            yield field, "expected the first letters of a surname, such as K or Sch"
            return
    if surnames.interval.first >= surnames.interval.behind:
        yield "to", f"stands before {surnames.first}"


def make_rule(entry: RuleEntry, directory: Directory, id_: UUID) -> ResponsibilityRule:
    """Of an entry that has been checked."""
    return ResponsibilityRule(
        id=id_,
        name=entry.name,
        priority=entry.priority,
        service_ids=tuple(directory.services[name] for name in entry.services),
        municipalities=entry.municipalities,
        postcodes=entry.postcodes,
        streets=entry.streets,
        surnames=entry.surnames,
        unit_id=directory.units[entry.unit] if entry.unit else None,
        clerk_id=directory.clerks[entry.clerk] if entry.clerk else None,
        deputy_id=directory.clerks[entry.deputy] if entry.deputy else None,
    )


def make_entry(rule: ResponsibilityRule, names: Mapping[UUID, str]) -> RuleEntry:
    """The way back."""
    return RuleEntry(
        name=rule.name,
        priority=rule.priority,
        services=tuple(names[id_] for id_ in rule.service_ids),
        municipalities=rule.municipalities,
        postcodes=rule.postcodes,
        streets=rule.streets,
        surnames=rule.surnames,
        unit=names[rule.unit_id] if rule.unit_id else None,
        clerk=names[rule.clerk_id] if rule.clerk_id else None,
        deputy=names[rule.deputy_id] if rule.deputy_id else None,
    )

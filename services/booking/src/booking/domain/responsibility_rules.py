"""Rules that say who is responsible (Zuständigkeitsregeln), and whether what is known of a citizen fits one. Pure.

A rule's conditions are all optional and all must hold; of the values of one condition, any one will do. A condition may
hold, fail, or be open (None) while a fact is not known.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

import msgspec

from booking.domain.folding import fold, street_key
from booking.domain.house_numbers import BEYOND, LOWEST, HouseNumber, after, parse_house_number

Fact = Literal["municipality", "postcode", "street", "house_number", "surname"]
FACTS: tuple[Fact, ...] = ("municipality", "postcode", "street", "house_number", "surname")
"""The least personal first."""
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
Letters = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=r"^[^\x00-\x1f]+$")]
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=10, pattern=r"^[0-9]+ ?[a-zA-Z]?$")]
Ars = Annotated[str, msgspec.Meta(pattern="^[0-9]{12}$")]
Side = Literal["all", "odd", "even"]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a citizen, as keys; null: not known. It is never stored, and stands in no token."""

    municipality: str | None = None
    """Folded name, or its ARS or AGS."""
    postcode: str | None = None
    street: str | None = None
    house_number: HouseNumber | None = None
    surname: str | None = None


class Interval(NamedTuple):
    """Half open: `first` belongs to it, `behind` does not."""

    first: str
    behind: str


class SurnameRange(
    msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}
):
    """As "A" to "K", or "Sch" to "Sz": a name belongs to it by its first letters. Null: from the first, to the last."""

    first: Letters | None = None
    last: Letters | None = None

    @cached_property
    def interval(self) -> Interval:
        return Interval(fold(self.first or ""), behind(fold(self.last)) if self.last else _BEHIND_Z)

    def holds(self, surname: str) -> bool:
        return self.interval.first <= surname < self.interval.behind


def behind(letters: str) -> str:
    """The first text, as texts sort, that is behind all those which begin with `letters`."""
    return letters[:-1] + chr(ord(letters[-1]) + 1) if letters else ""


_BEHIND_Z = behind("z")


class StreetSection(
    msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}
):
    """A street, or the houses of one side of it, or from one number to another."""

    street: Text
    first: Number | None = None
    last: Number | None = None
    side: Side = "all"

    @cached_property
    def key(self) -> str:
        return street_key(self.street)

    @cached_property
    def bounds(self) -> tuple[HouseNumber, HouseNumber]:
        """Half open, as an interval."""
        start, end = parse_house_number(self.first or ""), parse_house_number(self.last or "")
        return start or LOWEST, after(end) if end else BEYOND

    @property
    def is_whole(self) -> bool:
        return self.side == "all" and self.first is None and self.last is None

    def holds(self, number: HouseNumber) -> bool:
        first, behind_last = self.bounds
        return first <= number < behind_last and self.side in ("all", "odd" if number.is_odd else "even")


class Municipality(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    name: Text
    ars: Ars | None = None

    @cached_property
    def keys(self) -> frozenset[str]:
        """The AGS is the ARS without its four digits of the association of municipalities."""
        numbers = (self.ars, self.ars[:5] + self.ars[9:]) if self.ars else ()
        return frozenset({municipality_key(self.name), *numbers})


class ResponsibilityRule(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    id: UUID
    name: str
    """As people speak of it: "A–K", "Bezirk Nord"."""
    priority: int = 0
    """The highest that fits decides."""
    service_ids: tuple[UUID, ...] = ()
    municipalities: tuple[Municipality, ...] = ()
    postcodes: tuple[str, ...] = ()
    streets: tuple[StreetSection, ...] = ()
    surnames: tuple[SurnameRange, ...] = ()
    unit_id: UUID | None = None
    """Either a unit, or a clerk."""
    clerk_id: UUID | None = None
    deputy_id: UUID | None = None
    """Serves on days on which the clerk is away."""

    @property
    def target(self) -> tuple[UUID | None, ...]:
        return (self.unit_id, self.clerk_id, self.deputy_id)

    @cached_property
    def by_street(self) -> Mapping[str, Sequence[StreetSection]]:
        found: defaultdict[str, list[StreetSection]] = defaultdict(list)
        for section in self.streets:
            found[section.key].append(section)
        return found

    @cached_property
    def divides_a_street(self) -> bool:
        return not all(section.is_whole for section in self.streets)


def fits(rule: ResponsibilityRule, known: Known) -> bool | None:
    """None while it depends on a fact that is not known."""
    states = (
        _in_municipalities(rule, known.municipality),
        _in_postcodes(rule, known.postcode),
        _in_streets(rule, known.street, known.house_number),
        _in_surnames(rule, known.surname),
    )
    return False if False in states else None if None in states else True


def _in_municipalities(rule: ResponsibilityRule, municipality: str | None) -> bool | None:
    if not rule.municipalities or municipality is None:
        return None if rule.municipalities else True
    return any(municipality in one.keys for one in rule.municipalities)


def _in_postcodes(rule: ResponsibilityRule, postcode: str | None) -> bool | None:
    if not rule.postcodes or postcode is None:
        return None if rule.postcodes else True
    return postcode in rule.postcodes


def _in_streets(rule: ResponsibilityRule, street: str | None, number: HouseNumber | None) -> bool | None:
    if not rule.streets or street is None:
        return None if rule.streets else True
    here = rule.by_street.get(street, ())
    if number is None:
        return any(section.is_whole for section in here) or (None if here else False)
    return any(section.holds(number) for section in here)


def _in_surnames(rule: ResponsibilityRule, surname: str | None) -> bool | None:
    if not rule.surnames or surname is None:
        return None if rule.surnames else True
    return any(one.holds(surname) for one in rule.surnames)


def open_facts(rule: ResponsibilityRule, known: Known) -> Iterator[Fact]:
    """The facts that are not known, and on which it depends whether the rule fits."""
    if rule.municipalities and known.municipality is None:
        yield "municipality"
    if rule.postcodes and known.postcode is None:
        yield "postcode"
    if rule.streets and known.street is None:
        yield "street"
    if known.house_number is None and _is_divided(rule, known.street):
        yield "house_number"
    if rule.surnames and known.surname is None:
        yield "surname"


def _is_divided(rule: ResponsibilityRule, street: str | None) -> bool:
    if street is None:
        return rule.divides_a_street
    return any(not section.is_whole for section in rule.by_street.get(street, ()))


_KIND = re.compile(r"^(stadt|gemeinde|kreis) (?=.)")


def municipality_key(text: str) -> str:
    """However it is called: "Stadt Erkelenz" is "erkelenz"; a key (ARS, AGS) is its digits."""
    digits = "".join(text.split())
    return digits if digits.isdigit() else _KIND.sub("", fold(text))

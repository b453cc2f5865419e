"""Days on which offices are closed: public holidays by law, and customs that a tenant keeps.

Carnival is no public holiday, but the Rhineland's town halls keep it: many close at 12:00 on Weiberfastnacht and all
day on Rosenmontag. Which customs a tenant keeps is part of its rule set. Holidays by law, and those of the schools, are
as the package `holidays` has them.
"""

from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args
from uuid import UUID

import holidays
import msgspec

from contracts.tenant import land_of

CustomName = Literal["weiberfastnacht", "rosenmontag", "veilchendienstag", "heiligabend", "silvester"]
Region = str
"""A state of Germany as ISO 3166-2 has it, without "DE-"."""


class Words(NamedTuple):
    """The same in both languages."""

    de: str
    en: str


class ClosingCustom(msgspec.Struct, frozen=True):
    """A day on which the tenant is closed every year, though no law says so."""

    custom: CustomName
    closed_from: time = time.min
    id: UUID | None = None


class ClosedDay(NamedTuple):
    day: date
    words: Words
    closed_from: time = time.min
    is_custom: bool = False


_WORDS: Final[Mapping[CustomName, Words]] = {
    "weiberfastnacht": Words("Weiberfastnacht", "Weiberfastnacht (carnival Thursday)"),
    "rosenmontag": Words("Rosenmontag", "Rosenmontag (carnival Monday)"),
    "veilchendienstag": Words("Veilchendienstag", "Veilchendienstag (Shrove Tuesday)"),
    "heiligabend": Words("Heiligabend", "Christmas Eve"),
    "silvester": Words("Silvester", "New Year's Eve"),
}
_BEFORE_EASTER: Final[Mapping[CustomName, int]] = {"weiberfastnacht": 52, "rosenmontag": 48, "veilchendienstag": 47}
_FIXED: Final[Mapping[CustomName, tuple[int, int]]] = {"heiligabend": (12, 24), "silvester": (12, 31)}
region_of = land_of
"""Public and school holidays are the states' business."""


def usual_customs(region: Region | None) -> tuple[ClosingCustom, ...]:
    """What a tenant keeps until it says otherwise."""
    carnival = (ClosingCustom("weiberfastnacht", time(12)), ClosingCustom("rosenmontag"))
    return (*(carnival if region == "NW" else ()), ClosingCustom("heiligabend"), ClosingCustom("silvester"))


@cache
def public_holidays(region: Region | None, year: int) -> Mapping[date, Words]:
    de, en = (_country(region, year, language, holidays.PUBLIC) for language in ("de", "en_US"))
    return MappingProxyType({day: Words(name, en[day]) for day, name in sorted(de.items())})


@cache
def school_holidays(region: Region | None, year: int) -> frozenset[date]:
    """Empty for years for which they are not fixed yet: the states fix them some years ahead."""
    return frozenset(_country(region, year, "de", holidays.SCHOOL)) if region else frozenset()


def _country(region: Region | None, year: int, language: str, category: str) -> dict[date, str]:
    return dict(
        holidays.country_holidays("DE", subdiv=region, years=year, language=language, categories=category).items()
    )


def easter(year: int) -> date:
    """Gregorian Easter Sunday (the anonymous algorithm of 1876, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def custom_day(custom: CustomName, year: int) -> date:
    if custom in _BEFORE_EASTER:
        return easter(year) - timedelta(days=_BEFORE_EASTER[custom])
    return date(year, *_FIXED[custom])


def closed_days(region: Region | None, customs: tuple[ClosingCustom, ...], year: int) -> list[ClosedDay]:
    by_law = [ClosedDay(day, words) for day, words in public_holidays(region, year).items()]
    by_custom = [
        ClosedDay(custom_day(kept.custom, year), _WORDS[kept.custom], kept.closed_from, is_custom=True)
        for kept in customs
    ]
    return sorted(by_law + by_custom)


assert _WORDS.keys() == set(get_args(CustomName)) == _BEFORE_EASTER.keys() | _FIXED.keys()

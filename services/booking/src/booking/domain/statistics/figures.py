"""The figures of a report: counters added up by day, month and year, with what may not be shown taken out. Pure.

What is hidden is decided for all months at once, whatever is asked for, and then for the days of each month by itself,
so that two answers laid side by side tell no more than one. For the same reason there are no weeks: they cut months,
and the days between would be the difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from booking.domain.statistics.ambiguity import Equation
from booking.domain.statistics.cells import Cells, Figure
from booking.domain.statistics.suppression import hide

Unit = Literal["day", "month", "year"]
ALL = "all"
NOBODYS = frozenset({"capacity", "wait", "unavailable"})
"""Counts no people, so nothing of it is hidden."""


class Key(NamedTuple):
    period: str
    """all, 2026, 2026-03 or 2026-03-14."""
    measure: str
    breakdown: str
    category: str


Figures = dict[Key, Figure]


class Shown(NamedTuple):
    figures: Figures
    hidden: set[Key]
    """Also some that count nothing: a figure that is missing would say so."""


def show(months: Cells, days: Cells, last_day: date) -> Shown:
    """`months` of all times, `days` of the months that are asked for day by day."""
    figures = _by_period(months)
    counts = _counts(figures)
    equations = [*_over_time(counts, _periods(months, last_day)), *_over_categories(counts)]
    shown = Shown(figures, hide(counts, equations))
    for month in sorted({cell.day.replace(day=1) for cell in days}):
        _show_days(shown, {cell: figure for cell, figure in days.items() if cell.day.replace(day=1) == month}, last_day)
    return shown


def _show_days(shown: Shown, days: Cells, last_day: date) -> None:
    """Of one month, which stays as it is shown."""
    figures = {Key(f"{cell.day:%Y-%m-%d}", *cell[1:]): figure for cell, figure in days.items()}
    first = min(cell.day for cell in days).replace(day=1)
    month = f"{first:%Y-%m}"
    offsets = (first + timedelta(days=offset) for offset in range(31))
    periods = {month: [f"{day:%Y-%m-%d}" for day in offsets if day <= last_day and day.month == first.month]}
    whole = {key: figure for key, figure in shown.figures.items() if key.period == month}
    counts = _counts(figures)
    equations = [*_over_time(counts, periods), *_over_categories(counts)]
    shown.hidden.update(hide(counts | _counts(whole), equations, settled=whole.keys(), hidden=shown.hidden))
    shown.figures.update(figures)


def _counts(figures: Figures) -> dict[Key, int]:
    return {key: figure.count for key, figure in figures.items() if key.measure not in NOBODYS}


def _by_period(months: Cells) -> Figures:
    figures: defaultdict[Key, Figure] = defaultdict(lambda: Figure(0))
    for cell, figure in months.items():
        for period in (ALL, f"{cell.day:%Y}", f"{cell.day:%Y-%m}"):
            key = Key(period, *cell[1:])
            figures[key] = figures[key].plus(figure)
    return dict(figures)


def _periods(months: Cells, last_day: date) -> dict[str, list[str]]:
    """The parts of each period, from the first that anything was counted in to the last day, none left out."""
    parts: defaultdict[str, list[str]] = defaultdict(list)
    first = min((cell.day for cell in months), default=last_day)
    for year in range(first.year, last_day.year + 1):
        parts[ALL].append(f"{year}")
        for month in range(1, 13):
            if (first.year, first.month) <= (year, month) <= (last_day.year, last_day.month):
                parts[f"{year}"].append(f"{year}-{month:02}")
    return parts


def _over_time(counts: Iterable[Key], periods: Mapping[str, Sequence[str]]) -> Iterator[Equation[Key]]:
    for what in sorted({key[1:] for key in counts}):
        for whole, parts in periods.items():
            yield Equation(Key(whole, *what), [Key(part, *what) for part in parts])


def _over_categories(counts: Iterable[Key]) -> Iterator[Equation[Key]]:
    """Each breakdown adds up to the whole measure. Categories that some period has count nothing in others."""
    categories: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    periods: defaultdict[str, set[str]] = defaultdict(set)
    for key in counts:
        periods[key.measure].add(key.period)
        if key.breakdown:
            categories[key.measure, key.breakdown].add(key.category)
    for (measure, breakdown), found in sorted(categories.items()):
        for period in sorted(periods[measure]):
            parts = [Key(period, measure, breakdown, category) for category in sorted(found)]
            yield Equation(Key(period, measure, "", ""), parts)


def periods_between(first: date, last: date, unit: Unit) -> Sequence[str]:
    """Of that unit, those that touch the days from `first` to `last`, and what they are parts of."""
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    formats = {"year": ("%Y",), "month": ("%Y", "%Y-%m"), "day": ("%Y", "%Y-%m", "%Y-%m-%d")}[unit]
    return [ALL, *sorted({f"{day:{format_}}" for day in days for format_ in formats})]

"""The report for the council: figures, rates and the relief of the staff. What is small is not shown."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.errors import Invalid
from booking.domain.statistics.cells import Cells, Figure
from booking.domain.statistics.figures import NOBODYS, Key, Shown, Unit, periods_between, show
from booking.domain.statistics.rates import (
    FORMULAS,
    RELIEF_FORMULA,
    Assumptions,
    Rate,
    Relief,
    rates_of,
    relief_of,
)
from booking.domain.statistics.suppression import K
from booking.store.profile import get_profile
from booking.store.statistics import OfferedServices, count_services, list_counts, list_names
from kit.clock import Clock
from kit.sql import Pool

DAYS_MAX = 92
"""By day: a quarter of a year."""
_BEGINNING = date(2000, 1, 1)


class StatisticsQuestion(msgspec.Struct, frozen=True, kw_only=True):
    first_day: date | None
    """Null: since the start."""
    last_day: date | None
    """Null: until today."""
    by: Unit
    assumptions: Assumptions


class FigureView(msgspec.Struct, frozen=True, kw_only=True):
    period: str
    """all (since the start), 2026, 2026-03 or 2026-03-14."""
    measure: str
    breakdown: str
    """Empty: all of the measure."""
    category: str
    name: str
    """Of a service or location; else the category."""
    count: int | None
    """Null: fewer than `suppressed_below`, or hidden because it would give such a count away."""
    amount: int | None
    unit: str
    """Of the amount: cents, minutes, days or pieces; empty if there is none."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    first_day: date
    last_day: date
    by: Unit
    suppressed_below: int
    services: OfferedServices
    """Of today's catalogue."""
    items: list[FigureView]
    rates: list[Rate]
    formulas: dict[str, str]
    """What each rate is made of."""
    assumptions: Assumptions
    relief: list[Relief]
    next_cursor: str | None = None
    """Always null: there is one page."""


_UNITS = {
    "bookings": "days",
    "items": "pieces",
    "payments": "cents",
    "refunds": "cents",
    "visits": "minutes",
    "capacity": "minutes",
    "wait": "days",
}


async def read_statistics(pool: Pool, tenant: str, clock: Clock, asked: StatisticsQuestion) -> Report:
    """Raises Invalid, NotFound."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        zone = ZoneInfo((await get_profile(connection, tenant)).time_zone)
        today = clock().astimezone(zone).date()
        months = await list_counts(connection, tenant, _BEGINNING, today, "month")
        first, last = _range(asked, months, today)
        days: Cells = {}
        if asked.by == "day":
            days = await list_counts(connection, tenant, first.replace(day=1), _end_of_month(last), "day")
        services = await count_services(connection, tenant)
        names = await list_names(connection, tenant)
    shown = await asyncio.to_thread(show, months, days, today)  # years of them take a moment
    periods = periods_between(first, last, asked.by)
    return Report(
        first_day=first,
        last_day=last,
        by=asked.by,
        suppressed_below=K,
        services=services,
        items=_items(shown, periods, names),
        rates=[rate for period in periods for rate in rates_of(shown, period)],
        formulas={name: formula.words for name, formula in FORMULAS.items()} | {"relief": RELIEF_FORMULA},
        assumptions=asked.assumptions,
        relief=[relief_of(shown, period, asked.assumptions) for period in periods],
    )


def _range(asked: StatisticsQuestion, months: Cells, today: date) -> tuple[date, date]:
    """Days before the first count and after today are cut off."""
    began = min((cell.day for cell in months), default=today)
    first, last = asked.first_day or began, asked.last_day or today
    if first > last:
        raise Invalid.field("to", "expected a day after from")
    first, last = max(first, began), min(last, today)
    if asked.by == "day" and (last - first).days >= DAYS_MAX:
        raise Invalid.field("from", f"by day, expected at most {DAYS_MAX} days")
    return min(first, last), last


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _items(shown: Shown, periods: Sequence[str], names: Mapping[str, str]) -> list[FigureView]:
    order = {period: position for position, period in enumerate(periods)}
    keys = [key for key in shown.figures.keys() | shown.hidden if key.period in order]
    return [_item(shown, key, names) for key in sorted(keys, key=lambda key: (order[key.period], *key[1:]))]


def _item(shown: Shown, key: Key, names: Mapping[str, str]) -> FigureView:
    """An amount belongs to whom it was counted of: few people's is shown no more than they are."""
    figure = shown.figures.get(key, Figure(0))
    is_hidden = key in shown.hidden
    unit = _UNITS.get(key.measure, "")
    has_amount = bool(unit) and not is_hidden and (figure.count >= K or key.measure in NOBODYS)
    return FigureView(
        period=key.period,
        measure=key.measure,
        breakdown=key.breakdown,
        category=key.category,
        name=names.get(key.category, key.category),
        count=None if is_hidden else figure.count,
        amount=figure.amount if has_amount else None,
        unit=unit,
    )

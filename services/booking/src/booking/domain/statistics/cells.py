"""Into which counters a fact goes: its measure as a whole, and one category of each breakdown. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec


class CellKey(NamedTuple):
    day: date
    measure: str
    breakdown: str = ""
    """Empty: all."""
    category: str = ""


class Figure(msgspec.Struct, frozen=True):
    count: int
    amount: int = 0
    """Cents, minutes, days or pieces, as the measure has it."""

    def plus(self, other: "Figure") -> "Figure":
        return Figure(self.count + other.count, self.amount + other.amount)


Cells = dict[CellKey, Figure]


class StoredFact(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    at: datetime
    measure: str
    count: int
    amount_cents: int
    category: str
    visit_at: datetime
    time_zone: str
    booked_via: str
    channel: str
    payment_mode: str
    service_ids: tuple[UUID, ...] = ()
    """Of a booking alone, as the quantities."""
    quantities: tuple[int, ...] = ()
    was_open: bool | None = None
    """Its location, when it happened. Null: not asked of this measure, or no longer known."""


_LEAD_DAYS = ((0, "same_day"), (3, "days_1_to_3"), (7, "days_4_to_7"), (14, "days_8_to_14"), (30, "days_15_to_30"))
"""No spreadsheet takes these for dates, as it does “1-3”."""
_OPENING_HOURS = {True: "inside", False: "outside", None: "unknown"}
_BREAKDOWN_OF_CATEGORY = {"payments": "method", "cancellations": "by", "moves": "by", "item_changes": "by"}
_OF_THE_VISIT = frozenset({"completed", "no_shows"})
"""Counted on the day of the visit, so that a correction meets what it corrects."""
_BY_WAY_OF_BOOKING = frozenset({"abandoned", "completed", "no_shows"})


def add_up(parts: Iterable[tuple[CellKey, Figure]]) -> Cells:
    cells: defaultdict[CellKey, Figure] = defaultdict(lambda: Figure(0))
    for key, figure in parts:
        cells[key] = cells[key].plus(figure)
    return dict(cells)


def cells_of(facts: Iterable[StoredFact]) -> Cells:
    return add_up(cell for fact in facts for cell in _of_fact(fact))


def _of_fact(fact: StoredFact) -> Iterator[tuple[CellKey, Figure]]:
    """On the local day of the place."""
    zone = ZoneInfo(fact.time_zone)
    booked, visit = fact.at.astimezone(zone).date(), fact.visit_at.astimezone(zone).date()
    if fact.measure == "bookings":
        yield from _of_booking(fact, booked, max((visit - booked).days, 0))
        return
    key = CellKey(visit if fact.measure in _OF_THE_VISIT else booked, fact.measure)
    figure = Figure(fact.count, fact.amount_cents)
    yield key, figure
    if fact.category:
        yield key._replace(breakdown=_BREAKDOWN_OF_CATEGORY[fact.measure], category=fact.category), figure
    if fact.measure in _BY_WAY_OF_BOOKING:
        yield key._replace(breakdown="booked_via", category=fact.booked_via), figure


def _of_booking(fact: StoredFact, day: date, lead_days: int) -> Iterator[tuple[CellKey, Figure]]:
    """Its services are counted apart: so many bookings asked for it, for so many pieces of it."""
    key, figure = CellKey(day, "bookings"), Figure(fact.count, lead_days * fact.count)
    yield key, figure
    for breakdown, category in (
        ("booked_via", fact.booked_via),
        ("channel", fact.channel),
        ("payment_mode", fact.payment_mode),
        ("opening_hours", _OPENING_HOURS[fact.was_open]),
        ("lead_days", next((name for most, name in _LEAD_DAYS if lead_days <= most), "days_31_on")),
    ):
        yield key._replace(breakdown=breakdown, category=category), figure
    items = CellKey(day, "items")
    for service_id, quantity in zip(fact.service_ids, fact.quantities, strict=True):
        yield items, Figure(1, quantity)
        yield items._replace(breakdown="service", category=str(service_id)), Figure(1, quantity)

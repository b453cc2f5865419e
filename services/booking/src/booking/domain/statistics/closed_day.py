"""What is counted of a day when it is over: visits, capacity, and how long one waits. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.statistics.cells import CellKey, Cells, Figure, add_up

CATCH_UP_DAYS = 31
"""A worker that was down for longer leaves a gap: nothing else would know any more what was open then."""


class Visit(msgspec.Struct, frozen=True):
    """One that took place, or should have."""

    location_id: UUID
    starts_at: datetime
    ends_at: datetime


class OpenMinutes(msgspec.Struct, frozen=True):
    location_id: UUID
    lanes: int
    minutes: int


class ClosedDay(NamedTuple):
    day: date
    visits: Sequence[Visit]
    capacity: Sequence[OpenMinutes]
    wait_days: Mapping[UUID, int | None]
    """By service: until the next free time; null if there is none in the booking window."""


def days_to_close(last: date | None, yesterday: date) -> list[date]:
    """From the day after the last one that was counted to yesterday; of a new tenant yesterday alone."""
    first = max(last + timedelta(days=1), yesterday - timedelta(days=CATCH_UP_DAYS)) if last else yesterday
    return [first + timedelta(days=offset) for offset in range((yesterday - first).days + 1)]


def cells_of_day(closed: ClosedDay, zone: ZoneInfo) -> Cells:
    return add_up(
        [
            *_of_visits(closed.day, closed.visits, zone),
            *_of_capacity(closed.day, closed.capacity),
            *_of_waits(closed.day, closed.wait_days),
        ]
    )


def _of_visits(day: date, visits: Iterable[Visit], zone: ZoneInfo) -> Iterator[tuple[CellKey, Figure]]:
    for visit in visits:
        figure = Figure(1, round((visit.ends_at - visit.starts_at).total_seconds() / 60))
        yield CellKey(day, "visits"), figure
        yield CellKey(day, "visits", "hour", f"{visit.starts_at.astimezone(zone).hour:02}"), figure
        yield CellKey(day, "visits", "location", str(visit.location_id)), figure


def _of_capacity(day: date, capacity: Iterable[OpenMinutes]) -> Iterator[tuple[CellKey, Figure]]:
    for place in capacity:
        figure = Figure(place.lanes, place.minutes)
        yield CellKey(day, "capacity"), figure
        yield CellKey(day, "capacity", "location", str(place.location_id)), figure


def _of_waits(day: date, wait_days: Mapping[UUID, int | None]) -> Iterator[tuple[CellKey, Figure]]:
    for service_id, days in wait_days.items():
        measure, figure = ("unavailable", Figure(1)) if days is None else ("wait", Figure(1, days))
        yield CellKey(day, measure), figure
        yield CellKey(day, measure, "service", str(service_id)), figure

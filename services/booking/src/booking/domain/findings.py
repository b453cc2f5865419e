"""What the checker finds wrong, in words for whoever runs the service. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import LIVE
from booking.domain.conflicts import Stranded
from booking.domain.projection import Difference, Mask
from booking.domain.slots import clock_time, spans_of
from contracts.booking import AppointmentState


class BookedLanes(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment beside all that it occupies."""

    number: str
    state: AppointmentState
    overbooked: bool
    lane_id: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    lanes: tuple[int, ...]
    covers: bool
    """Each of its occupations lasts from its start to its end, or longer."""
    is_foreign: bool
    """One of them is in a lane of another tenant or location."""


def describe_difference(difference: Difference) -> str:
    where = f"lane {difference.lane_id}, {difference.day}"
    if difference.found is None or difference.expected is None:
        return f"{where}: there is no mask" if difference.expected else f"{where}: there is a mask of no lane"
    parts = [
        f"{name} is {_spans(found)}, and should be {_spans(expected)}"
        for name, expected, found in zip(Mask._fields, difference.expected, difference.found, strict=True)
        if expected != found
    ]
    return f"{where}: {'; '.join(parts)}"


def _spans(bits: int) -> str:
    return ", ".join(f"{clock_time(span.first)}-{clock_time(span.last)}" for span in spans_of(bits)) or "nothing"


def describe_fault(booked: BookedLanes) -> str | None:
    """Null where nothing is wrong. An overbooked visit occupies nothing, by a lead's decision."""
    zone = ZoneInfo(booked.time_zone)
    start, end = booked.starts_at.astimezone(zone), booked.ends_at.astimezone(zone)
    who = f"appointment {booked.number} ({booked.state}, {start:%Y-%m-%d %H:%M} to {end:%H:%M}, lane {booked.lane_id})"
    if booked.state not in LIVE or booked.overbooked:
        return f"{who} occupies lane {booked.lanes[0]}, and should occupy none" if booked.lanes else None
    if booked.lane_id not in booked.lanes:
        return f"{who} does not occupy its lane"
    if not booked.covers:
        return f"{who} goes on for longer than it occupies its lane"
    return f"{who} occupies a lane of another place" if booked.is_foreign else None


def describe_unlisted(stranded: Stranded) -> str:
    visit = stranded.visit
    return f"appointment {visit.number} stands where lane {visit.lane_id} is closed ({stranded.cause}), unlisted"

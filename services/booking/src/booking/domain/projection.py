"""Masks as they must be: rules − closures − absences give what is open; occupation takes from what is free. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.opening_hours import Absence, PlaceTimetable, Timetable, absent_bits
from booking.domain.rule_set import RuleSet
from booking.domain.slots import place_of

MaskKey = tuple[int, date]
"""Lane and local day."""


class Mask(NamedTuple):
    open: int
    free: int
    public: int
    """The part of `open` that is not for the staff's own bookings alone."""


class LanePlace(msgspec.Struct, frozen=True):
    lane_id: int
    location_id: UUID
    time_zone: str


class OccupiedRange(msgspec.Struct, frozen=True):
    lane_id: int
    starts_at: datetime
    ends_at: datetime


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides when some lanes are open."""

    lanes: Sequence[LanePlace]
    rule_set: RuleSet
    absences: Sequence[Absence] = ()


def project(rules: Rules, occupied: Iterable[OccupiedRange], first_day: date, last_day: date) -> dict[MaskKey, Mask]:
    """The masks of all lanes for the days from `first_day` to `last_day`, both included."""
    return occupy(rules, open_masks(rules, first_day, last_day), occupied)


def open_masks(rules: Rules, first_day: date, last_day: date) -> dict[MaskKey, Mask]:
    """As if nothing were booked."""
    timetable = Timetable(rules.rule_set)
    days = [first_day + timedelta(days=offset) for offset in range((last_day - first_day).days + 1)]
    looks: dict[PlaceTimetable, list[Mask]] = {}
    masks: dict[MaskKey, Mask] = {}
    for lane in rules.lanes:
        place = timetable.of(lane.lane_id, lane.location_id, lane.time_zone)
        if place not in looks:
            looks[place] = [Mask(of_day.open, of_day.open, of_day.public) for of_day in map(place.day, days)]
        for day, mask in zip(days, looks[place], strict=True):
            masks[lane.lane_id, day] = mask
    _take_absences(masks, rules, days)
    return masks


def _take_absences(masks: dict[MaskKey, Mask], rules: Rules, days: Sequence[date]) -> None:
    zones = _zones(rules)
    for absence in rules.absences:
        for day in days if absence.lane_id in zones else ():
            if away := absent_bits(absence, day, zones[absence.lane_id]):
                mask = masks[absence.lane_id, day]
                masks[absence.lane_id, day] = Mask(mask.open & ~away, mask.free & ~away, mask.public & ~away)


def occupy(rules: Rules, masks: Mapping[MaskKey, Mask], occupied: Iterable[OccupiedRange]) -> dict[MaskKey, Mask]:
    taken = dict(masks)
    for key, bits in taken_bits(occupied, _zones(rules)).items():
        if key in taken:
            taken[key] = taken[key]._replace(free=taken[key].free & ~bits)
    return taken


def _zones(rules: Rules) -> dict[int, ZoneInfo]:
    return {lane.lane_id: ZoneInfo(lane.time_zone) for lane in rules.lanes}


def taken_bits(occupied: Iterable[OccupiedRange], zones: Mapping[int, ZoneInfo]) -> defaultdict[MaskKey, int]:
    taken: defaultdict[MaskKey, int] = defaultdict(int)
    for part in occupied:
        if part.lane_id in zones:
            place = place_of(part.starts_at, part.ends_at, zones[part.lane_id])
            taken[part.lane_id, place.day] |= place.bits
    return taken


class Difference(NamedTuple):
    lane_id: int
    day: date
    expected: Mask | None
    found: Mask | None


def differences(expected: Mapping[MaskKey, Mask], found: Mapping[MaskKey, Mask]) -> list[Difference]:
    keys = sorted(expected.keys() | found.keys())
    return [Difference(*key, expected.get(key), found.get(key)) for key in keys if expected.get(key) != found.get(key)]

"""Masks as they must be: rules − closures give what is open, occupation takes away what is not free. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.opening_hours import Closure, OpeningRule, open_bits, rules_of_lane
from booking.domain.slots import place_of

MaskKey = tuple[int, date]
"""Lane and local day."""


class Mask(NamedTuple):
    open: int
    free: int


class LanePlace(msgspec.Struct, frozen=True):
    lane_id: int
    location_id: UUID
    time_zone: str


class OccupiedRange(msgspec.Struct, frozen=True):
    lane_id: int
    starts_at: datetime
    ends_at: datetime


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    lanes: Sequence[LanePlace]
    opening: Sequence[OpeningRule]
    closures: Sequence[Closure]


def project(rules: Rules, occupied: Iterable[OccupiedRange], first_day: date, last_day: date) -> dict[MaskKey, Mask]:
    """The masks of all lanes for the days from `first_day` to `last_day`, both included."""
    zones = {lane.lane_id: ZoneInfo(lane.time_zone) for lane in rules.lanes}
    taken = taken_bits(occupied, zones)
    closures: defaultdict[date, list[Closure]] = defaultdict(list)
    for closure in rules.closures:
        closures[closure.day].append(closure)
    masks: dict[MaskKey, Mask] = {}
    for lane in rules.lanes:
        opening = rules_of_lane(rules.opening, lane.lane_id, lane.location_id)
        for offset in range((last_day - first_day).days + 1):
            day = first_day + timedelta(days=offset)
            shut = [closure for closure in closures[day] if closure.location_id in (None, lane.location_id)]
            bits = open_bits(day, zones[lane.lane_id], opening, shut)
            masks[lane.lane_id, day] = Mask(bits, bits & ~taken[lane.lane_id, day])
    return masks


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

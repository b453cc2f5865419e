"""Visits that stand where nothing is open any more: a change of rules strands them, and never touches them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.opening_hours import Cause, Timetable
from booking.domain.projection import Mask, MaskKey, OccupiedRange, Rules
from booking.domain.slots import Place, place_of

ConflictCause = Literal[Cause, "fee"]
VisitKey: TypeAlias = tuple[UUID, int, datetime, datetime]
"""Appointment, lane, start and end: a visit as it stands now."""


class StandingVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A live visit and a lane that it occupies; one with a room has two of these."""

    appointment_id: UUID
    number: str
    lane_id: int
    starts_at: datetime
    ends_at: datetime
    occupied_until: datetime
    """`ends_at` and the buffer."""
    expires_at: datetime | None

    @property
    def occupied(self) -> OccupiedRange:
        return OccupiedRange(self.lane_id, self.starts_at, self.occupied_until)

    @property
    def key(self) -> VisitKey:
        return self.appointment_id, self.lane_id, self.starts_at, self.ends_at

    def stands(self, now: datetime) -> bool:
        """Neither over nor a reservation that has lapsed."""
        return self.ends_at > now and (self.expires_at is None or self.expires_at > now)


class KnownConflict(msgspec.Struct, frozen=True):
    """Open, or accepted by a clerk who keeps the visit as it stands: that one is not found again."""

    id: UUID
    appointment_id: UUID
    lane_id: int
    starts_at: datetime
    ends_at: datetime
    is_open: bool

    @property
    def key(self) -> VisitKey:
        return self.appointment_id, self.lane_id, self.starts_at, self.ends_at


class Stranded(NamedTuple):
    visit: StandingVisit
    cause: Cause
    detail: str


class Looked(NamedTuple):
    stranded: list[Stranded]
    fine: set[VisitKey]
    """Visits that were looked at, and lie where it is open."""


def look_for_stranded(
    rules: Rules, masks: Mapping[MaskKey, Mask], visits: Iterable[StandingVisit], now: datetime
) -> Looked:
    """Visits on the masks' days of which a part is closed; the buffer may be. Also a reservation that has just lapsed:
    while nobody has taken its slot it may still be confirmed.
    """
    finder = _Finder(rules, masks)
    looked = Looked([], set())
    for visit in visits:
        if visit.ends_at > now and (place := finder.place_of(visit)):
            stranded = finder.look_at(visit, place)
            if stranded:
                looked.stranded.append(stranded)
            else:
                looked.fine.add(visit.key)
    return looked


class ConflictChanges(NamedTuple):
    found: list[Stranded]
    resolved: list[UUID]
    """Conflicts whose visits lie where it is open again."""


def compare(looked: Looked, known: Sequence[KnownConflict]) -> ConflictChanges:
    keys = {conflict.key for conflict in known}
    return ConflictChanges(
        found=[item for item in looked.stranded if item.visit.key not in keys],
        resolved=[conflict.id for conflict in known if conflict.is_open and conflict.key in looked.fine],
    )


class _Finder:
    def __init__(self, rules: Rules, masks: Mapping[MaskKey, Mask]) -> None:
        self._masks = masks
        self._timetable = Timetable(rules.rule_set)
        self._lanes = {lane.lane_id: lane for lane in rules.lanes}

    def place_of(self, visit: StandingVisit) -> Place | None:
        """Null for a visit that lies on no day of the masks."""
        lane = self._lanes[visit.lane_id]
        place = place_of(visit.starts_at, visit.ends_at, ZoneInfo(lane.time_zone))
        return place if (visit.lane_id, place.day) in self._masks else None

    def look_at(self, visit: StandingVisit, place: Place) -> Stranded | None:
        closed = place.bits & ~self._masks[visit.lane_id, place.day].open
        return Stranded(visit, *self._why(visit.lane_id, place._replace(bits=closed))) if closed else None

    def _why(self, lane_id: int, closed: Place) -> tuple[Cause, str]:
        lane = self._lanes[lane_id]
        day = self._timetable.of(lane_id, lane.location_id, lane.time_zone).day(closed.day)
        if not closed.bits & ~day.open:
            return "absence", ""
        cause, words = day.why_closed(closed.bits & ~day.open)
        return cause, words.de

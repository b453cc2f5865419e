"""Visits that the office cannot keep where they are (a clerk is absent, an office is closed), and what becomes of each.

Pure. A colleague takes over what can be taken over at the same time; the rest is offered another time, or called.
The earliest visits are placed first, and among those of one time the ones with the fewest colleagues to go to. A visit
that finds all of its colleagues taken may push one that was placed before to another free colleague, but never off: so
no visit is lost to a later one, and of visits at one time as many are placed as there are places (augmenting paths:
Kuhn, "The Hungarian method", 1955).
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from booking.domain.slots import Place
from contracts.booking import AppointmentState

Outcome = Literal["reassign", "offer_rebooking", "call", "cancel", "let_go"]
"""`call`: stays as it is and in conflict until somebody has spoken with the citizen. `cancel`: was only reserved.
`let_go`: a freed slot that the clock held for the waitlist.
"""


class Displaced(msgspec.Struct, frozen=True, kw_only=True):
    """A live visit, or a reservation, in a lane that it cannot stay in."""

    id: UUID
    number: str
    state: AppointmentState
    lane_id: int
    starts_at: datetime
    ends_at: datetime
    has_mail: bool
    is_anybodys: bool
    """False: a freed slot, held for the waitlist."""


class Measure(NamedTuple):
    visit: Displaced
    outcome: Outcome
    lane_id: int | None
    """The colleague's, who takes it over."""


class Colleagues(NamedTuple):
    """Lanes that may take a visit over, the best first, and the steps it needs there."""

    place: Place
    lane_ids: Sequence[int]


def plan_measures(visits: Sequence[Displaced], colleagues: Mapping[UUID, Colleagues]) -> list[Measure]:
    """In the order of their starts. Without colleagues for anybody (a closed office) the rest remains."""
    placement = _Placement(colleagues)
    candidates = [visit for visit in visits if visit.is_anybodys and visit.id in colleagues]
    for visit in sorted(candidates, key=lambda each: (each.starts_at, len(colleagues[each.id].lane_ids), each.id)):
        placement.place(visit.id, set())
    ordered = sorted(visits, key=lambda visit: (visit.starts_at, visit.id))
    return [_measure(visit, placement.lanes.get(visit.id)) for visit in ordered]


def _measure(visit: Displaced, lane_id: int | None) -> Measure:
    if not visit.is_anybodys:
        return Measure(visit, "let_go", None)
    if lane_id is not None:
        return Measure(visit, "reassign", lane_id)
    if visit.state in ("held", "awaiting_email", "awaiting_payment"):
        return Measure(visit, "cancel", None)
    offers = visit.state == "confirmed" and visit.has_mail  # who has arrived already is spoken to
    return Measure(visit, "offer_rebooking" if offers else "call", None)


class _Placement:
    def __init__(self, colleagues: Mapping[UUID, Colleagues]) -> None:
        self._colleagues = colleagues
        self.lanes: dict[UUID, int] = {}
        """Of the visits that are placed."""

    def place(self, visit_id: UUID, tried: set[tuple[UUID, int]]) -> bool:
        """True if it was placed. Whoever stood there before stands elsewhere now."""
        for lane_id in self._colleagues[visit_id].lane_ids:
            if (visit_id, lane_id) not in tried and not self._rivals(visit_id, lane_id):
                self.lanes[visit_id] = lane_id
                return True
        return any(self._push(visit_id, lane_id, tried) for lane_id in self._colleagues[visit_id].lane_ids)

    def _push(self, visit_id: UUID, lane_id: int, tried: set[tuple[UUID, int]]) -> bool:
        rivals = self._rivals(visit_id, lane_id)
        if (visit_id, lane_id) in tried or len(rivals) != 1:
            return False
        tried |= {(visit_id, lane_id), (rivals[0], lane_id)}
        # Whom the rival pushed in turn may have come here: then this place is no place either.
        if not self.place(rivals[0], tried) or self._rivals(visit_id, lane_id):
            return False
        self.lanes[visit_id] = lane_id
        return True

    def _rivals(self, visit_id: UUID, lane_id: int) -> list[UUID]:
        place = self._colleagues[visit_id].place
        return [
            other
            for other, other_lane in self.lanes.items()
            if other_lane == lane_id and other != visit_id and _overlap(place, self._colleagues[other].place)
        ]


def _overlap(one: Place, other: Place) -> bool:
    return one.day == other.day and bool(one.bits & other.bits)


def fingerprint_of(measures: Sequence[Measure]) -> str:
    """Another one where another visit is concerned, at another time, or something else becomes of it."""
    lines = (
        f"{measure.visit.id}:{measure.visit.starts_at.isoformat()}:{measure.outcome}:{measure.lane_id}"
        for measure in measures
        if measure.outcome != "let_go"
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]

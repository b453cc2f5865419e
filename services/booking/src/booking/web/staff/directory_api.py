"""`/v1/staff/lanes`, `/v1/staff/units`: whom and what the other calls name by id."""

from collections import defaultdict
from itertools import chain
from uuid import UUID

import msgspec
from litestar import get

from booking.domain.catalogue import Catalogue, Lane, LaneKind
from booking.web.staff.access import RULES, VISITS, require_staff
from booking.web.wiring import wired
from kit.requests import AnyRequest

DIRECTORY = VISITS | RULES


class LaneView(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    kind: LaneKind
    name: str
    """The clerk's, or what people call the counter or resource."""
    clerk_id: UUID | None
    """Null where it is nobody's own."""
    unit_id: UUID | None
    """Of the clerk; of a counter, if it serves one unit's services alone; null where nobody's office says more."""
    unit: str | None
    room: str | None
    location_id: UUID
    location: str


class LaneList(msgspec.Struct, frozen=True):
    items: list[LaneView]
    next_cursor: None = None


class UnitView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str


class UnitList(msgspec.Struct, frozen=True):
    items: list[UnitView]
    next_cursor: None = None


@get("/v1/staff/lanes")
async def get_lanes(request: AnyRequest) -> LaneList:
    """All of the tenant's, in the order in which they came."""
    catalogue = await _catalogue(request)
    served = _units_served(catalogue)
    return LaneList([_show(catalogue, lane, served[lane.id]) for _, lane in sorted(catalogue.lanes.items())])


@get("/v1/staff/units")
async def get_units(request: AnyRequest) -> UnitList:
    """By name."""
    units = (await _catalogue(request)).units
    return UnitList([UnitView(id=id_, name=name) for id_, name in sorted(units.items(), key=lambda unit: unit[1])])


async def _catalogue(request: AnyRequest) -> Catalogue:
    claims = require_staff(request, DIRECTORY)
    return await wired(request).catalogues.get(claims.tenant)


def _units_served(catalogue: Catalogue) -> defaultdict[int, set[UUID]]:
    """By lane."""
    found: defaultdict[int, set[UUID]] = defaultdict(set)
    for offering in chain.from_iterable(catalogue.offerings.values()):
        for lane_id in offering.lane_ids:
            found[lane_id].add(offering.unit_id)
    return found


def _show(catalogue: Catalogue, lane: Lane, served: set[UUID]) -> LaneView:
    unit_id = lane.unit_id or (next(iter(served)) if len(served) == 1 else None)
    return LaneView(
        id=lane.id,
        kind=lane.kind,
        name=lane.name,
        clerk_id=lane.clerk_id,
        unit_id=unit_id,
        unit=catalogue.units[unit_id] if unit_id else None,
        room=lane.room,
        location_id=lane.location_id,
        location=catalogue.locations[lane.location_id].name,
    )


routes = (get_lanes, get_units)

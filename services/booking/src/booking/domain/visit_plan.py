"""What one visit is for, how long it takes and where it can be served. Pure."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue, Channel, Location, Offering, Service
from booking.domain.errors import Invalid
from booking.domain.slots import steps_of

ITEMS_MAX = 10


class RequestedItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    service_id: UUID
    quantity: int = 1


class PlannedItem(NamedTuple):
    service: Service
    offering: Offering
    quantity: int
    duration_min: int


class VisitPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One visit at one location: how long it takes and which lanes may serve it."""

    items: tuple[PlannedItem, ...]
    location: Location
    unit_id: UUID
    lane_ids: tuple[int, ...]
    """Clerks and counters that may serve it."""
    preferred: tuple[int, ...] = ()
    """Those of them that are asked first, in this order; then the others, fairly."""
    resources: tuple[tuple[int, ...], ...] = ()
    """One lane of each group is needed as well."""
    channel: Channel
    duration_min: int
    buffer_min: int
    step_min: int
    notice_min: int
    window_days: int
    stands_in_for: tuple[int, ...] = ()
    """Lanes of the clerk whom these stand in for: they serve the visit on days on which none of those is open."""
    staggered_release: bool = False

    @property
    def occupied_min(self) -> int:
        return self.duration_min + self.buffer_min

    @property
    def occupied_steps(self) -> int:
        return steps_of(self.occupied_min)

    @property
    def lane_groups(self) -> tuple[tuple[int, ...], ...]:
        """One free lane of each; the clerks' and counters' stand first."""
        return (self.lane_ids, *self.resources)


def plan_visit(
    catalogue: Catalogue,
    items: Sequence[RequestedItem],
    *,
    location_id: UUID | None = None,
    channel: Channel = "on_site",
    unit_id: UUID | None = None,
) -> list[VisitPlan]:
    """One plan for each location (and unit) that can serve all items; never an empty list. Raises Invalid."""
    _check_items(catalogue, items, channel)
    if location_id is not None and location_id not in catalogue.locations:
        raise Invalid.field("location_id", "no such location here")
    first = catalogue.offerings.get(items[0].service_id, ())
    places = [(offering.location_id, offering.unit_id) for offering in first]
    plans = [_plan_at(catalogue, items, place, channel) for place in places if _fits(place, location_id, unit_id)]
    found = [plan for plan in plans if plan is not None]
    if not found:
        raise Invalid.field("items", "these services are not offered together there; choose fewer, or another location")
    return found


def _fits(place: tuple[UUID, UUID], location_id: UUID | None, unit_id: UUID | None) -> bool:
    return location_id in (None, place[0]) and unit_id in (None, place[1])


def _check_items(catalogue: Catalogue, items: Sequence[RequestedItem], channel: Channel) -> None:
    if not 1 <= len(items) <= ITEMS_MAX:
        raise Invalid.field("items", f"expected 1 to {ITEMS_MAX} services")
    if len({item.service_id for item in items}) < len(items):
        raise Invalid.field("items", "each service once; use quantity for several persons")
    for index, item in enumerate(items):
        _check_item(catalogue, item, channel, f"items[{index}]")
    for index, item in enumerate(items):
        _check_combination(catalogue, items[:index], item, f"items[{index}]")


def _check_item(catalogue: Catalogue, item: RequestedItem, channel: Channel, field: str) -> None:
    service = catalogue.services.get(item.service_id)
    if service is None:
        raise Invalid.field(f"{field}.service_id", "no such service here")
    offerings = catalogue.offerings.get(service.id, ())
    if service.kind in ("online", "surcharge") or not offerings:
        raise Invalid.field(f"{field}.service_id", f"“{service.name}” needs no appointment, so none can be booked")
    if channel not in service.channels:
        raise Invalid.field("channel", f"expected one of {', '.join(service.channels)}")
    quantity_max = max(offering.max_quantity for offering in offerings)
    if not 1 <= item.quantity <= quantity_max:
        raise Invalid.field(f"{field}.quantity", f"expected 1 to {quantity_max}")


def _check_combination(catalogue: Catalogue, others: Sequence[RequestedItem], item: RequestedItem, field: str) -> None:
    service = catalogue.services[item.service_id]
    for other in (catalogue.services[other.service_id] for other in others):
        if not (service.allows(other.id) and other.allows(service.id)):
            raise Invalid.field(f"{field}.service_id", f"“{service.name}” cannot share a visit with “{other.name}”")


def _plan_at(
    catalogue: Catalogue, items: Sequence[RequestedItem], place: tuple[UUID, UUID], channel: Channel
) -> VisitPlan | None:
    planned: list[PlannedItem] = []
    for item in items:
        offering = _offering_at(catalogue, item, place)
        if offering is None:
            return None
        service = catalogue.services[item.service_id]
        planned.append(PlannedItem(service, offering, item.quantity, offering.minutes_for(item.quantity)))
    lanes = _lanes_for_all(catalogue, planned)
    resources = _resources_for_all(catalogue, [part.offering for part in planned])
    if not lanes or not all(resources):
        return None
    return _join(planned, catalogue.locations[place[0]], lanes, resources, channel)


def _offering_at(catalogue: Catalogue, item: RequestedItem, place: tuple[UUID, UUID]) -> Offering | None:
    return next(
        (
            offering
            for offering in catalogue.offerings.get(item.service_id, ())
            if (offering.location_id, offering.unit_id) == place and item.quantity <= offering.max_quantity
        ),
        None,
    )


def _lanes_for_all(catalogue: Catalogue, planned: Sequence[PlannedItem]) -> tuple[int, ...]:
    lanes = planned[0].offering.lane_ids
    for part in planned[1:]:
        lanes = tuple(lane_id for lane_id in lanes if lane_id in part.offering.lane_ids)
    if catalogue.items_max:
        pieces = sum(part.quantity for part in planned)
        lanes = tuple(lane_id for lane_id in lanes if pieces <= catalogue.items_max.get(lane_id, pieces))
    return lanes


def _resources_for_all(catalogue: Catalogue, offerings: Sequence[Offering]) -> tuple[tuple[int, ...], ...]:
    location_id = offerings[0].location_id
    groups = sorted({group for offering in offerings for group in offering.resource_groups})
    return tuple(catalogue.resources.get((location_id, group), ()) for group in groups)


def _join(
    planned: list[PlannedItem],
    location: Location,
    lane_ids: tuple[int, ...],
    resources: tuple[tuple[int, ...], ...],
    channel: Channel,
) -> VisitPlan:
    offerings = [part.offering for part in planned]
    return VisitPlan(
        items=tuple(planned),
        location=location,
        unit_id=offerings[0].unit_id,
        lane_ids=lane_ids,
        resources=resources,
        channel=channel,
        duration_min=sum(part.duration_min for part in planned),
        buffer_min=max(offering.buffer_min for offering in offerings),
        step_min=max(offering.step_min for offering in offerings),
        notice_min=max(offering.notice_min for offering in offerings),
        window_days=min(offering.window_days for offering in offerings),
        staggered_release=any(offering.staggered_release for offering in offerings),
    )

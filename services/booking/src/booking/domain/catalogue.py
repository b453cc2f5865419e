"""What a tenant offers, as booking keeps it in memory, and the plan of a visit made from it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from booking.domain.errors import Invalid
from booking.domain.fees import Fee, FeeKind, PaymentPolicy
from booking.domain.responsibility import RuleBook
from booking.domain.rule_set import Audience
from booking.domain.slots import steps_of

Channel = Literal["on_site", "phone", "video"]
ServiceKind = Literal["visit", "walk_in_or_visit", "online", "surcharge"]
LaneKind = Literal["clerk", "counter", "resource"]

ITEMS_MAX = 10


class Service(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    name_en: str
    kind: ServiceKind
    leika: str | None
    life_situations: tuple[str, ...]
    documents: tuple[str, ...]
    channels: tuple[Channel, ...]
    fee_kind: FeeKind
    payment_policy: PaymentPolicy
    online_url: str | None
    fees: tuple[Fee, ...]
    combines_with: frozenset[UUID] | None = None
    """Null: with every service of the same unit and location."""
    audience: Audience = "public"
    """Internal: the staff book it, and whom they invite."""

    def allows(self, other: UUID) -> bool:
        return self.combines_with is None or other in self.combines_with


class Offering(msgspec.Struct, frozen=True, kw_only=True):
    """A service at a unit and location (Leistungsangebot). Times are minutes on the five-minute grid."""

    id: UUID
    service_id: UUID
    unit_id: UUID
    location_id: UUID
    duration_min: int
    extra_item_min: int
    max_quantity: int
    buffer_min: int
    step_min: int
    notice_min: int
    window_days: int
    lane_ids: tuple[int, ...]
    """Clerks' and counters'."""
    resource_groups: tuple[str, ...] = ()
    """A visit needs one resource of each, beside the clerk."""
    staggered_release: bool = False
    """The last day of the window opens hour by hour, not at midnight."""
    audience: Audience = "public"

    def minutes_for(self, quantity: int) -> int:
        return self.duration_min + (quantity - 1) * self.extra_item_min


class Location(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    street: str
    postcode: str
    city: str
    time_zone: str


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of parallel capacity (Kapazitätsspur)."""

    id: int
    kind: LaneKind
    location_id: UUID
    name: str
    """The clerk's, or what people call the counter or resource."""
    clerk_id: UUID | None
    """Null where it is nobody's own."""
    room: str | None
    resource_group: str | None


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    version: int
    retention_days: int
    time_zone: str
    services: Mapping[UUID, Service]
    offerings: Mapping[UUID, tuple[Offering, ...]]
    """By service; several where it is offered at several locations."""
    units: Mapping[UUID, str]
    locations: Mapping[UUID, Location]
    lanes: Mapping[int, Lane]
    resources: Mapping[tuple[UUID, str], tuple[int, ...]]
    """Lanes by location and group of resources: any one of a group will do."""
    items_max: Mapping[int, int]
    """How much one visit may hold in a lane, each person counted; lanes without a limit are missing."""
    responsibility: RuleBook = RuleBook()
    """Who is responsible for which service."""

    def service_by_leika(self, leika: str) -> Service | None:
        return next((service for service in self.services.values() if service.leika == leika), None)


def public_part(catalogue: Catalogue) -> Catalogue:
    """Without what the staff alone book."""
    services = {id_: service for id_, service in catalogue.services.items() if service.audience == "public"}
    offerings = {id_: _public(offered) for id_, offered in catalogue.offerings.items() if id_ in services}
    return msgspec.structs.replace(
        catalogue, services=services, offerings={id_: offered for id_, offered in offerings.items() if offered}
    )


def _public(offerings: Iterable[Offering]) -> tuple[Offering, ...]:
    return tuple(offering for offering in offerings if offering.audience == "public")


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

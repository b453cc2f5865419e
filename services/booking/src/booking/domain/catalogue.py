"""What a tenant offers, as booking keeps it in memory. Pure."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from booking.domain.fees import Fee, FeeKind, PaymentPolicy
from booking.domain.responsibility import RuleBook
from booking.domain.rule_set import Audience

Channel = Literal["on_site", "phone", "video"]
ServiceKind = Literal["visit", "walk_in_or_visit", "online", "surcharge"]
LaneKind = Literal["clerk", "counter", "resource"]
OfficeCalendar = Annotated[
    Literal["invite", "digest"],
    msgspec.Meta(description="invite or digest (a feed is chosen by the clerk, who is given its address then)"),
]
"""How a clerk's calendar learns of visits until the clerk chooses."""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    name_en: str
    kind: ServiceKind
    leika: str | None
    life_situations: tuple[str, ...]
    documents: tuple[str, ...]
    documents_en: tuple[str, ...] = ()
    """Empty where nobody translated them."""
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


class OfferingTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How a service is offered at a unit and location. Times are minutes on the five-minute grid."""

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
    staggered_release: bool = False
    """The last day of the window opens hour by hour, not at midnight."""
    cancel_until_h: int = 0
    reschedule_until_h: int = 0


class Offering(OfferingTerms, frozen=True, kw_only=True):
    """A service at a unit and location (Leistungsangebot), as it can be booked now."""

    lane_ids: tuple[int, ...]
    """Clerks' and counters'."""
    resource_groups: tuple[str, ...] = ()
    """A visit needs one resource of each, beside the clerk."""
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
    unit_id: UUID | None
    """The clerk's; null where it is nobody's own: whose services it serves then, the offerings say."""
    function: str
    """The clerk's, as the office publishes it; empty where there is none."""
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

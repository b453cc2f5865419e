"""Which services can share a visit, and what stands between those that cannot: for people to be told. Pure."""

from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from booking.domain.catalogue import Catalogue, Channel, Offering, Service
from booking.domain.errors import Invalid
from booking.domain.visit_plan import ITEMS_MAX, RequestedItem, plan_visit

ObstacleKind = Literal[
    "online", "surcharge", "no_times", "twice", "full", "quantity", "channel", "excluded", "elsewhere", "nobody"
]
"""`excluded`: the two may not share a visit; `elsewhere`: they have no place and unit in common; `nobody`: no one there
serves all of it, or not so many persons at once.
"""

Place = tuple[UUID, UUID]
"""Location and unit."""


class WantedVisit(NamedTuple):
    """What shall take place together."""

    items: Sequence[RequestedItem]
    channel: Channel = "on_site"
    location_id: UUID | None = None

    def plus(self, service: Service) -> "WantedVisit":
        return self._replace(items=[*self.items, RequestedItem(service.id)])


class Obstacle(NamedTuple):
    kind: ObstacleKind
    service: Service
    """The first that cannot be part of it."""
    other: Service | None = None
    """With which it cannot be."""


def find_obstacle(catalogue: Catalogue, visit: WantedVisit) -> Obstacle | None:
    """None: it can be booked. All services must be of this catalogue, and at least one."""
    for index, item in enumerate(visit.items):
        found = _find(catalogue, visit, [other.service_id for other in visit.items[:index]], item)
        if found is not None:
            return found
    places = _common_places(catalogue, visit, [item.service_id for item in visit.items])
    if any(_is_served(catalogue, visit, place) for place in places):
        return None
    return Obstacle("nobody", catalogue.services[visit.items[-1].service_id])


def list_combinable(catalogue: Catalogue, visit: WantedVisit) -> list[Service]:
    """What could be done in the same visit."""
    chosen = {item.service_id for item in visit.items}
    candidates = [service for service in catalogue.services.values() if service.id not in chosen]
    return [service for service in candidates if find_obstacle(catalogue, visit.plus(service)) is None]


def _find(catalogue: Catalogue, visit: WantedVisit, before: Sequence[UUID], item: RequestedItem) -> Obstacle | None:
    """What stands between one service and those before it."""
    service = catalogue.services[item.service_id]
    alone = _alone(service, catalogue.offerings.get(service.id, ()), visit.channel, item.quantity)
    if alone is not None:
        return Obstacle(alone, service)
    if service.id in before or len(before) >= ITEMS_MAX:
        return Obstacle("twice" if service.id in before else "full", service)
    others = [catalogue.services[id_] for id_ in before]
    excluded = next((other for other in others if not (service.allows(other.id) and other.allows(service.id))), None)
    if excluded is not None:
        return Obstacle("excluded", service, excluded)
    if not _common_places(catalogue, visit, [*before, service.id]):
        return Obstacle("elsewhere", service, next(iter(others), None))
    return None


def _alone(service: Service, offerings: Sequence[Offering], channel: Channel, quantity: int) -> ObstacleKind | None:
    if service.kind in ("online", "surcharge"):
        return "online" if service.kind == "online" else "surcharge"
    if not offerings:
        return "no_times"
    if channel not in service.channels:
        return "channel"
    return None if 1 <= quantity <= max(offering.max_quantity for offering in offerings) else "quantity"


def _common_places(catalogue: Catalogue, visit: WantedVisit, service_ids: Sequence[UUID]) -> set[Place]:
    """Where each of them is offered."""
    return set.intersection(
        *(
            {
                (offering.location_id, offering.unit_id)
                for offering in catalogue.offerings.get(id_, ())
                if visit.location_id in (None, offering.location_id)
            }
            for id_ in service_ids
        )
    )


def _is_served(catalogue: Catalogue, visit: WantedVisit, place: Place) -> bool:
    """By somebody who serves all of it. One place that can is enough: a city has many."""
    location_id, unit_id = place
    try:
        plan_visit(catalogue, visit.items, location_id=location_id, channel=visit.channel, unit_id=unit_id)
    except Invalid:
        return False
    return True

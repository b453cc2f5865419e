"""What the citizen has chosen so far, as it stands in addresses and hidden fields; no person in it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue, Channel, Service
from booking.domain.combining import WantedVisit
from booking.domain.errors import Invalid, NotFound
from booking.domain.visit_plan import RequestedItem, VisitPlan, plan_visit


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    service: Service
    quantity: int
    more: tuple[RequestedItem, ...] = ()
    """Further services of the same visit."""
    location_id: UUID | None
    channel: Channel = "on_site"
    return_url: str | None
    """Where a portal wants the citizen back; checked when the booking becomes binding."""
    responsibility: str | None = None
    """The token that says by which rule it was found who is responsible."""

    @property
    def items(self) -> list[RequestedItem]:
        return [RequestedItem(self.service.id, self.quantity), *self.more]

    @property
    def wanted(self) -> WantedVisit:
        return WantedVisit(self.items, self.channel, self.location_id)

    def values(self) -> dict[str, object]:
        return {
            "service": self.service.id,
            "quantity": self.quantity if self.quantity > 1 else None,
            "more": write_items(self.more) or None,
            "location": self.location_id,
            "channel": self.channel if self.channel != "on_site" else None,
            "return_url": self.return_url,
            "responsibility": self.responsibility,
        }

    def with_items(self, catalogue: Catalogue, items: Sequence[RequestedItem]) -> "Choice":
        """At least one. The channel stays if they all have it."""
        first, *more = items
        return msgspec.structs.replace(
            self,
            service=catalogue.services[first.service_id],
            quantity=first.quantity,
            more=tuple(more),
            channel=_channel(catalogue, [item.service_id for item in items], self.channel),
        )

    def plans(self, catalogue: Catalogue) -> list[VisitPlan]:
        """Raises Invalid."""
        return plan_visit(catalogue, self.items, location_id=self.location_id, channel=self.channel)


def read_choice(catalogue: Catalogue, values: Mapping[str, Any]) -> Choice:
    """Raises NotFound for an unknown service, Invalid for a malformed number."""
    service = find_service(catalogue, str(values.get("service", "")))
    more = read_items(catalogue, str(values.get("more") or ""))
    return Choice(
        service=service,
        quantity=read_quantity(str(values.get("quantity") or "1")),
        more=tuple(more),
        location_id=_uuid(values.get("location")),
        channel=_channel(catalogue, [service.id, *(item.service_id for item in more)], values.get("channel")),
        return_url=str(values.get("return_url") or "") or None,
        responsibility=str(values.get("responsibility") or "") or None,
    )


def choice_of(plan: VisitPlan) -> Choice:
    """To book this plan's visit, at its place."""
    first, *more = plan.items
    return Choice(
        service=first.service,
        quantity=first.quantity,
        more=tuple(RequestedItem(part.service.id, part.quantity) for part in more),
        location_id=plan.location.id,
        channel=plan.channel,
        return_url=None,
    )


def channels_of(catalogue: Catalogue, service_ids: list[UUID]) -> list[Channel]:
    """By which all of them are offered."""
    services = [catalogue.services[id_] for id_ in service_ids]
    return [channel for channel in get_args(Channel) if all(channel in service.channels for service in services)]


def find_service(catalogue: Catalogue, text: str) -> Service:
    """By our id or by its LeiKa key, which portals know. Raises NotFound."""
    service_id = _uuid(text)
    service = catalogue.services.get(service_id) if service_id else catalogue.service_by_leika(text)
    if service is None:
        raise NotFound("There is no such service here.")
    return service


def write_items(items: Iterable[RequestedItem]) -> str:
    """As they stand in an address: ID:QUANTITY, joined by commas."""
    return ",".join(f"{item.service_id}:{item.quantity}" for item in items)


def read_items(catalogue: Catalogue, text: str) -> list[RequestedItem]:
    """Raises NotFound, Invalid."""
    parts = [part.partition(":") for part in text.split(",") if part]
    return [
        RequestedItem(find_service(catalogue, id_).id, read_quantity(quantity or "1")) for id_, _, quantity in parts
    ]


def _channel(catalogue: Catalogue, service_ids: list[UUID], wish: object) -> Channel:
    """As wished for, if it can be; else the first that all services have in common."""
    offered = channels_of(catalogue, service_ids)
    return next((channel for channel in offered if channel == wish), next(iter(offered), "on_site"))


def read_quantity(text: str) -> int:
    """Raises Invalid."""
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise Invalid.field("quantity", "expected a number")
    return int(text)


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None

"""What the citizen has chosen so far, as it stands in addresses and hidden fields; no person in it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue, RequestedItem, Service, VisitPlan, plan_visit
from booking.domain.errors import Invalid, NotFound


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    service: Service
    quantity: int
    location_id: UUID | None
    return_url: str | None
    """Where a portal wants the citizen back; checked when the booking becomes binding."""
    responsibility: str | None = None
    """The token that says by which rule it was found who is responsible."""

    def values(self) -> dict[str, object]:
        return {
            "service": self.service.id,
            "quantity": self.quantity if self.quantity > 1 else None,
            "location": self.location_id,
            "return_url": self.return_url,
            "responsibility": self.responsibility,
        }

    def plans(self, catalogue: Catalogue) -> list[VisitPlan]:
        """Raises Invalid."""
        items = [RequestedItem(self.service.id, self.quantity)]
        return plan_visit(catalogue, items, location_id=self.location_id)


def read_choice(catalogue: Catalogue, values: Mapping[str, Any]) -> Choice:
    """Raises NotFound for an unknown service, Invalid for a malformed number."""
    return Choice(
        service=find_service(catalogue, str(values.get("service", ""))),
        quantity=_number(str(values.get("quantity") or "1")),
        location_id=_uuid(values.get("location")),
        return_url=str(values.get("return_url") or "") or None,
        responsibility=str(values.get("responsibility") or "") or None,
    )


def find_service(catalogue: Catalogue, text: str) -> Service:
    """By our id or by its LeiKa key, which portals know. Raises NotFound."""
    service_id = _uuid(text)
    service = catalogue.services.get(service_id) if service_id else catalogue.service_by_leika(text)
    if service is None:
        raise NotFound("There is no such service here.")
    return service


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise Invalid.field("quantity", "expected a number")
    return int(text)


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None

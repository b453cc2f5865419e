"""Invitation links (Einladung): a service is fixed, and one appointment may come of it. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue
from booking.domain.errors import Gone, Invalid
from booking.domain.served_lanes import served_by
from booking.domain.visit_plan import RequestedItem, VisitPlan, plan_visit

LASTS: Final = timedelta(days=30)
LONGEST: Final = timedelta(days=365)

InvitationState = Literal["open", "used", "withdrawn", "expired"]


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    requested: tuple[RequestedItem, ...]
    location_id: UUID | None
    clerk_id: UUID | None
    email: str | None
    """Personal, as is the note: both are gone once the invitation is used, withdrawn or past its time."""
    language: str
    note: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    used_at: datetime | None
    appointment_id: UUID | None
    """Confirmed by it."""

    def state(self, now: datetime) -> InvitationState:
        if self.used_at is not None:
            return "used"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "open" if now < self.expires_at else "expired"


def require_open(invitation: Invitation, now: datetime) -> None:
    """Raises Gone."""
    state = invitation.state(now)
    if state != "open":
        raise Gone(f"This invitation is {state}.")


def invited_plans(catalogue: Catalogue, invitation: Invitation) -> list[VisitPlan]:
    """Also of services that are not public. Raises Invalid where they are no longer offered."""
    channel = _channel(catalogue, invitation.requested)
    plans = plan_visit(catalogue, invitation.requested, location_id=invitation.location_id, channel=channel)
    return served_by(catalogue, plans, invitation.clerk_id)


def _channel(catalogue: Catalogue, items: Sequence[RequestedItem]) -> Literal["on_site", "phone", "video"]:
    """On site where the first service allows it, else as it is offered."""
    service = catalogue.services.get(items[0].service_id) if items else None
    return "on_site" if service is None or "on_site" in service.channels else service.channels[0]


def expires_at(wanted: datetime | None, now: datetime) -> datetime:
    """Raises Invalid."""
    until = wanted or now + LASTS
    if not now < until <= now + LONGEST:
        raise Invalid.field("expires_at", f"expected a time from now on, within {LONGEST.days} days")
    return until

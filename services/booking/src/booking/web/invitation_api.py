"""`/v1/invitation…`: what the holder of an invitation's token may do (bearer), and the letter that notify asks for."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from booking.domain.invitation import Invitation, invited_plans
from booking.domain.visit_plan import RequestedItem
from booking.usecases.find_times import FreeTimes, days_to_list, find_times
from booking.usecases.follow_invitation import follow_invitation, hold_invited
from booking.usecases.hold_slot import Request as HoldRequest
from booking.usecases.write_invitation_letter import write_invitation_letter
from booking.web.access import bearer_token, require_service
from booking.web.appointments_api import ACCESS, IdempotencyKey
from booking.web.catalogue_api import parse_day
from booking.web.held_view import HeldView, show_held
from booking.web.local_instants import at_place
from booking.web.manage_api import NewTime
from booking.web.wiring import wired
from contracts.booking import InvitationLetter
from kit.idempotency import fingerprint
from kit.requests import AnyRequest
from kit.tokens import sign_id


class InvitedView(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it is for stands in the mail alone."""

    tenant: str
    items: tuple[RequestedItem, ...]
    location_id: UUID | None
    clerk_id: UUID | None
    note: str
    expires_at: datetime


@get("/v1/invitation")
async def read(request: AnyRequest) -> InvitedView:
    invitation = await _followed(request)
    catalogue = await wired(request).catalogues.get(invitation.tenant)
    view = InvitedView(
        tenant=invitation.tenant,
        items=invitation.requested,
        location_id=invitation.location_id,
        clerk_id=invitation.clerk_id,
        note=invitation.note,
        expires_at=invitation.expires_at,
    )
    return at_place(view, catalogue.time_zone)


@get("/v1/invitation/availability")
async def availability(
    request: AnyRequest,
    *,
    first_day: Annotated[str | None, QueryParameter(name="from")] = None,
    days: FromQuery[int] = 30,
) -> FreeTimes:
    wiring, invitation = wired(request), await _followed(request)
    plans = invited_plans(await wiring.catalogues.get(invitation.tenant), invitation)
    now = wiring.clock()
    return await find_times(
        wiring.pool, invitation.tenant, plans, days_to_list(plans, parse_day("from", first_day), days, now), now
    )


@post("/v1/invitation/appointments")
async def hold(request: AnyRequest, data: JSONBody[NewTime], idempotency_key: IdempotencyKey) -> HeldView:
    """Goes on as every other appointment. A reservation that lapses gives the invitation back."""
    wiring, invitation = wired(request), await _followed(request)
    catalogue = await wiring.catalogues.get(invitation.tenant)
    asked = HoldRequest(data.start, f"{invitation.id}:{idempotency_key}", fingerprint(data))
    held = await hold_invited(wiring.pool, catalogue, wiring.clock, invitation, asked)
    token = sign_id(wiring.settings.link_key, ACCESS, held.grant_id)
    return show_held(catalogue, invited_plans(catalogue, invitation), held, token)


@get("/internal/v1/invitations/{invitation_id:uuid}/letter", include_in_schema=False)
async def letter(request: AnyRequest, invitation_id: FromPath[UUID]) -> InvitationLetter:
    require_service(request)
    wiring = wired(request)
    return await write_invitation_letter(wiring.pool, wiring.catalogues, wiring.links, wiring.clock, invitation_id)


async def _followed(request: AnyRequest) -> Invitation:
    wiring = wired(request)
    return await follow_invitation(wiring.pool, wiring.settings.link_key, wiring.clock, bearer_token(request))


routes = (read, availability, hold, letter)

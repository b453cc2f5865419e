"""`/v1/staff/invitations`: a clerk invites somebody to book a certain service, and sees what became of it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from booking.domain.catalogue import Catalogue
from booking.domain.invitation import Invitation, InvitationState
from booking.domain.notes import NOTE_MAX, tidy_note
from booking.domain.visit_plan import ITEMS_MAX, RequestedItem
from booking.store.invitations import list_invitations
from booking.usecases.invite import InvitationWish, get_invitation, invite, withdraw_invitation
from booking.usecases.once import Once
from booking.usecases.write_invitation_letter import url_of
from booking.web.appointments_api import IdempotencyKey
from booking.web.local_instants import all_at_place, at_place
from booking.web.staff.access import PLANNING, VISITS, by, require_staff
from booking.web.wiring import Wiring, wired
from kit.cursor import cut
from kit.idempotency import fingerprint
from kit.requests import AnyRequest
from kit.tokens import StaffClaims

PAGE = 100


class NewInvitation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[tuple[RequestedItem, ...], msgspec.Meta(min_length=1, max_length=ITEMS_MAX)]
    location_id: UUID | None = None
    """Null: wherever it is offered."""
    clerk_id: UUID | None = None
    """Null: whoever serves it."""
    email: Annotated[str, msgspec.Meta(max_length=254)] | None = None
    """Where the link goes; without it, the caller hands it on."""
    language: Literal["de", "en"] = "de"
    note: Annotated[str, msgspec.Meta(max_length=NOTE_MAX)] = ""
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Null: in thirty days."""


class InvitationView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    state: InvitationState
    items: tuple[RequestedItem, ...]
    location_id: UUID | None
    clerk_id: UUID | None
    email: str | None
    """Gone, with the note, once the invitation is used, withdrawn or past its time."""
    language: str
    note: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    appointment_id: UUID | None


class InvitationDetail(InvitationView, frozen=True, kw_only=True):
    url: str | None
    """Works once, and opens the booking to whoever has it; null once it is of no use."""


class InvitationList(msgspec.Struct, frozen=True):
    items: list[InvitationView]
    """Newest first."""
    next_cursor: str | None


@post("/v1/staff/invitations")
async def post_invitation(
    request: AnyRequest, data: JSONBody[NewInvitation], idempotency_key: IdempotencyKey
) -> InvitationDetail:
    claims, wiring = require_staff(request, VISITS), wired(request)
    wish = InvitationWish(
        items=data.items,
        location_id=data.location_id,
        clerk_id=data.clerk_id,
        email=data.email,
        language=data.language,
        note=tidy_note(data.note),
        expires_at=data.expires_at,
    )
    once = Once(f"{claims.tenant}:{claims.subject}:invitation", idempotency_key, fingerprint(data))
    catalogue = await wiring.catalogues.get(claims.tenant)
    invited = await invite(wiring.pool, catalogue, wiring.clock, wish, by(claims), once)
    return _detail(wiring, invited, catalogue)


@get("/v1/staff/invitations")
async def get_invitations(request: AnyRequest, *, cursor: FromQuery[UUID | None] = None) -> InvitationList:
    """A clerk sees those of his or her own, a lead all."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    async with wiring.pool.acquire() as connection:
        found = await list_invitations(connection, claims.tenant, _own_subject(claims), cursor, PAGE + 1)
    catalogue = await wiring.catalogues.get(claims.tenant)
    page, last = cut(found, PAGE)
    views = all_at_place([_view(wiring, invitation) for invitation in page], catalogue.time_zone)
    return InvitationList(views, str(last.id) if last else None)


@get("/v1/staff/invitations/{invitation_id:uuid}")
async def read_invitation(request: AnyRequest, invitation_id: FromPath[UUID]) -> InvitationDetail:
    claims, wiring = require_staff(request, VISITS), wired(request)
    async with wiring.pool.acquire() as connection:
        invitation = await get_invitation(connection, claims.tenant, invitation_id, _own_subject(claims))
    return _detail(wiring, invitation, await wiring.catalogues.get(claims.tenant))


@post("/v1/staff/invitations/{invitation_id:uuid}/withdrawal", status_code=200)
async def post_withdrawal(request: AnyRequest, invitation_id: FromPath[UUID]) -> InvitationDetail:
    """What was booked by it stays. Twice is once, so it needs no key."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    withdrawn = await withdraw_invitation(wiring.pool, wiring.clock, claims.tenant, invitation_id, _own_subject(claims))
    return _detail(wiring, withdrawn, await wiring.catalogues.get(claims.tenant))


def _own_subject(claims: StaffClaims) -> str | None:
    """To a clerk, invitations of others do not exist; a lead (null) sees all."""
    return None if PLANNING & set(claims.roles) else claims.subject


def _view(wiring: Wiring, invitation: Invitation) -> InvitationView:
    return InvitationView(**_fields(wiring, invitation))


def _detail(wiring: Wiring, invitation: Invitation, catalogue: Catalogue) -> InvitationDetail:
    fields = _fields(wiring, invitation)
    url = url_of(wiring.links, invitation) if fields["state"] == "open" else None
    return at_place(InvitationDetail(**fields, url=url), catalogue.time_zone)


def _fields(wiring: Wiring, invitation: Invitation) -> dict[str, Any]:
    known = msgspec.structs.asdict(invitation)
    shown = {name: known[name] for name in InvitationView.__struct_fields__ if name in known}
    return {**shown, "items": invitation.requested, "state": invitation.state(wiring.clock())}


routes = (post_invitation, get_invitations, read_invitation, post_withdrawal)

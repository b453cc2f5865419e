"""Staff invite somebody to book a certain service, once: by a link that they hand on, or that goes out by mail."""

from datetime import datetime
from uuid import UUID

import msgspec

from booking.domain.appointment import By
from booking.domain.catalogue import Catalogue
from booking.domain.contact import is_mail
from booking.domain.errors import Invalid, NotFound
from booking.domain.invitation import Invitation, expires_at, invited_plans
from booking.domain.visit_plan import RequestedItem
from booking.store.invitations import find_invitation, insert_invitation
from booking.store.invitations import withdraw_invitation as withdraw
from booking.usecases.once import Once, claim_once, finish_once
from contracts.booking import SUBJECT_PREFIX, InvitationEvent
from kit.clock import Clock
from kit.ids import uuid7
from kit.outbox import add_event
from kit.sql import Connection, Pool


class InvitationWish(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[RequestedItem, ...]
    location_id: UUID | None = None
    clerk_id: UUID | None = None
    email: str | None = None
    language: str = "de"
    note: str = ""
    expires_at: datetime | None = None


class _Stored(msgspec.Struct):
    """The stored answer names no person."""

    id: UUID


async def invite(
    pool: Pool, catalogue: Catalogue, clock: Clock, wish: InvitationWish, by: By, once: Once
) -> Invitation:
    """Raises Invalid, KeyReused."""
    invitation = _invitation(catalogue, wish, by, clock())
    async with pool.acquire() as connection, connection.transaction():
        known = await claim_once(connection, once, _Stored)
        if known is not None:
            return await get_invitation(connection, catalogue.tenant, known.id, None)
        await insert_invitation(connection, invitation)
        if invitation.email is not None:
            await _tell(connection, invitation)
        await finish_once(connection, once, _Stored(invitation.id))
    return invitation


async def withdraw_invitation(
    pool: Pool, clock: Clock, tenant: str, invitation_id: UUID, created_by: str | None
) -> Invitation:
    """Once it is used, or a second time, it changes nothing. Raises NotFound."""
    async with pool.acquire() as connection, connection.transaction():
        await get_invitation(connection, tenant, invitation_id, created_by)
        await withdraw(connection, tenant, invitation_id, clock())
        return await get_invitation(connection, tenant, invitation_id, created_by)


async def get_invitation(
    connection: Connection, tenant: str, invitation_id: UUID, created_by: str | None
) -> Invitation:
    """`created_by`: one member's own alone; null: anybody's. Raises NotFound."""
    found = await find_invitation(connection, invitation_id)
    if found is None or found.tenant != tenant or created_by not in (None, found.created_by):
        raise NotFound("There is no such invitation.")
    return found


def _invitation(catalogue: Catalogue, wish: InvitationWish, by: By, now: datetime) -> Invitation:
    """Raises Invalid where nothing could be booked by it."""
    if wish.email is not None and not is_mail(wish.email):
        raise Invalid.field("email", "expected an address such as erika.mustermann@example.org")
    invitation = Invitation(
        id=uuid7(),
        tenant=catalogue.tenant,
        requested=wish.items,
        location_id=wish.location_id,
        clerk_id=wish.clerk_id,
        email=wish.email,
        language=wish.language,
        note=wish.note,
        created_by=by.subject or by.actor,
        created_at=now,
        expires_at=expires_at(wish.expires_at, now),
        withdrawn_at=None,
        used_at=None,
        appointment_id=None,
    )
    invited_plans(catalogue, invitation)
    return invitation


async def _tell(connection: Connection, invitation: Invitation) -> None:
    event = InvitationEvent(
        id=uuid7(), tenant=invitation.tenant, invitation_id=invitation.id, occurred_at=invitation.created_at
    )
    await add_event(connection, event.id, SUBJECT_PREFIX + event.type, event)

"""Invitation links, and whom they became."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from booking.domain.invitation import Invitation
from kit.sql import Connection, execute, fetch_all, fetch_optional


async def insert_invitation(connection: Connection, invitation: Invitation) -> None:
    await execute(
        connection,
        "WITH invitation AS (INSERT INTO invitation (id, tenant, location_id, clerk_id, email, language, note,"
        " created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))"
        " INSERT INTO invitation_item (invitation_id, position, service_id, quantity)"
        " SELECT $1, i.position, i.service_id, i.quantity"
        " FROM unnest($11::uuid[], $12::int[]) WITH ORDINALITY AS i (service_id, quantity, position)",
        invitation.id,
        invitation.tenant,
        invitation.location_id,
        invitation.clerk_id,
        invitation.email,
        invitation.language,
        invitation.note,
        invitation.created_by,
        invitation.created_at,
        invitation.expires_at,
        [item.service_id for item in invitation.requested],
        [item.quantity for item in invitation.requested],
    )


_INVITATION: LiteralString = (
    "SELECT i.id, i.tenant, i.location_id, i.clerk_id, i.email, i.language, i.note, i.created_by, i.created_at,"
    " i.expires_at, i.withdrawn_at, i.used_at, i.appointment_id, (SELECT jsonb_agg(jsonb_build_object("
    "  'service_id', t.service_id, 'quantity', t.quantity) ORDER BY t.position)"
    "  FROM invitation_item t WHERE t.invitation_id = i.id) AS requested"
    " FROM invitation i"
)


async def find_invitation(connection: Connection, invitation_id: UUID) -> Invitation | None:
    """By its id alone, which the link's token proves, or notify has heard."""
    return await fetch_optional(
        connection,
        Invitation,
        _INVITATION + " WHERE i.id = $1",
        invitation_id,
    )


async def list_invitations(
    connection: Connection, tenant: str, created_by: str | None, before: UUID | None, limit: int
) -> list[Invitation]:
    """Newest first. `created_by`: one member's own; null: everybody's."""
    return await fetch_all(
        connection,
        Invitation,
        _INVITATION + " WHERE i.tenant = $1 AND ($2::text IS NULL OR i.created_by = $2)"
        " AND ($3::uuid IS NULL OR i.id < $3) ORDER BY i.id DESC LIMIT $4",
        tenant,
        created_by,
        before,
        limit,
    )


class InvitationUse(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    withdrawn_at: datetime | None
    used_at: datetime | None
    appointment_id: UUID | None


async def lock_invitation_of(connection: Connection, appointment_id: UUID) -> InvitationUse | None:
    """None for an appointment that nobody invited to."""
    return await fetch_optional(
        connection,
        InvitationUse,
        "SELECT i.id, i.withdrawn_at, i.used_at, i.appointment_id FROM appointment a"
        " JOIN invitation i ON i.id = a.invitation_id WHERE a.id = $1 FOR UPDATE OF i",
        appointment_id,
    )


async def use_invitation(connection: Connection, invitation_id: UUID, appointment_id: UUID, now: datetime) -> None:
    """For good; what is personal goes."""
    await execute(
        connection,
        "UPDATE invitation SET used_at = $3, appointment_id = $2, email = NULL, note = '' WHERE id = $1",
        invitation_id,
        appointment_id,
        now,
    )


async def withdraw_invitation(connection: Connection, tenant: str, invitation_id: UUID, now: datetime) -> None:
    """What was used, or withdrawn before, stays as it is. What is personal goes."""
    await execute(
        connection,
        "UPDATE invitation SET withdrawn_at = $3, email = NULL, note = ''"
        " WHERE tenant = $1 AND id = $2 AND used_at IS NULL AND withdrawn_at IS NULL",
        tenant,
        invitation_id,
        now,
    )


async def clear_expired(connection: Connection, now: datetime) -> int:
    return await execute(
        connection,
        "UPDATE invitation SET email = NULL, note = '' WHERE expires_at <= $1 AND (email IS NOT NULL OR note <> '')",
        now,
    )


class OpenHold(msgspec.Struct, frozen=True):
    appointment_id: UUID
    grant_id: UUID


async def find_open_hold(connection: Connection, invitation_id: UUID, now: datetime) -> OpenHold | None:
    """The reservation that was begun with this invitation and is not bound yet."""
    return await fetch_optional(
        connection,
        OpenHold,
        "SELECT a.id AS appointment_id, g.id AS grant_id FROM appointment a"
        " JOIN access_grant g ON g.appointment_id = a.id AND g.scope = 'manage' AND g.revoked_at IS NULL"
        " WHERE a.invitation_id = $1 AND a.state = 'held' AND a.expires_at > $2 AND g.expires_at > $2"
        " ORDER BY g.id DESC LIMIT 1",
        invitation_id,
        now,
    )

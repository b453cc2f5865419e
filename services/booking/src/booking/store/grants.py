"""Access grants (Zugriffslink): a token names a grant, a grant names an appointment."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_optional

Scope = Literal["manage", "activate"]
"""`activate` is sent to the address that it proves, and to nobody else."""


class Grant(msgspec.Struct, frozen=True):
    id: UUID
    tenant: str
    appointment_id: UUID


async def find_grant(connection: Connection, grant_id: UUID, now: datetime, scope: Scope = "manage") -> Grant | None:
    """None also when its time is over, or it was revoked."""
    return await fetch_optional(
        connection,
        Grant,
        "SELECT id, tenant, appointment_id FROM access_grant WHERE id = $1 AND expires_at > $2 AND revoked_at IS NULL"
        " AND scope = $3",
        grant_id,
        now,
        scope,
    )


async def find_live_grant(
    connection: Connection, tenant: str, appointment_id: UUID, now: datetime, scope: Scope = "manage"
) -> Grant | None:
    """The newest, of which a mail's link is made."""
    return await fetch_optional(
        connection,
        Grant,
        "SELECT id, tenant, appointment_id FROM access_grant WHERE tenant = $1 AND appointment_id = $2"
        " AND expires_at > $3 AND revoked_at IS NULL AND scope = $4 ORDER BY id DESC LIMIT 1",
        tenant,
        appointment_id,
        now,
        scope,
    )


async def extend_grants(connection: Connection, tenant: str, appointment_id: UUID, until: datetime) -> None:
    """A visit that moves to a later day keeps its links."""
    await execute(
        connection,
        "UPDATE access_grant SET expires_at = greatest(expires_at, $3)"
        " WHERE tenant = $1 AND appointment_id = $2 AND scope = 'manage' AND revoked_at IS NULL",
        tenant,
        appointment_id,
        until,
    )


async def insert_grant(
    connection: Connection,
    id_: UUID,
    tenant: str,
    appointment_id: UUID,
    expires_at: datetime,
    scope: Scope = "manage",
) -> None:
    await execute(
        connection,
        "INSERT INTO access_grant (id, tenant, appointment_id, expires_at, scope) VALUES ($1, $2, $3, $4, $5)",
        id_,
        tenant,
        appointment_id,
        expires_at,
        scope,
    )


async def revoke_grants(connection: Connection, tenant: str, appointment_id: UUID, now: datetime, scope: Scope) -> None:
    await execute(
        connection,
        "UPDATE access_grant SET revoked_at = $3"
        " WHERE tenant = $1 AND appointment_id = $2 AND scope = $4 AND revoked_at IS NULL",
        tenant,
        appointment_id,
        now,
        scope,
    )

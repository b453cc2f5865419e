"""Reservations whose time is over. The index `appointment_expiry` holds only those that are still reserved."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, fetch_all


class Overdue(msgspec.Struct, frozen=True):
    id: UUID
    version: int
    """After the move."""
    is_anybodys: bool
    """False for a slot that the clock held for the waitlist: there is nobody to tell."""


async def move_overdue(connection: Connection, tenant: str, now: datetime, limit: int) -> Sequence[Overdue]:
    """Move them to expired. Waits for one that is just being confirmed, and leaves it if it was."""
    return await fetch_all(
        connection,
        Overdue,
        """
        UPDATE appointment SET state = 'expired', version = version + 1, expires_at = NULL, updated_at = $2
        WHERE id IN (SELECT id FROM appointment WHERE tenant = $1 AND expires_at <= $2
                     ORDER BY id LIMIT $3 FOR UPDATE)
        RETURNING id, version, booked_via <> 'waitlist' AS is_anybodys
        """,
        tenant,
        now,
        limit,
    )


async def insert_expiry_audit(connection: Connection, tenant: str, overdue: Sequence[Overdue], now: datetime) -> None:
    await connection.executemany(
        "INSERT INTO audit_event (tenant, appointment_id, version, actor, action, at)"
        " VALUES ($1, $2, $3, 'clock', 'expire', $4)",
        [(tenant, item.id, item.version, now) for item in overdue],
    )


async def list_tenants_with_overdue(connection: Connection, now: datetime) -> list[str]:
    rows = await connection.fetch("SELECT DISTINCT tenant FROM appointment WHERE expires_at <= $1", now)
    return [row["tenant"] for row in rows]

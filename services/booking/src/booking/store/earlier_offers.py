"""Offers of a freed slot, to one citizen at a time. Whoever settles one has locked one of its two appointments."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_optional


class OpenOffer(msgspec.Struct, frozen=True, kw_only=True):
    held_id: UUID
    start: datetime
    end: datetime
    expires_at: datetime


async def find_open_offer(connection: Connection, tenant: str, appointment_id: UUID) -> OpenOffer | None:
    """Nobody settled it yet; whether its time is over, the caller's clock says."""
    return await fetch_optional(
        connection,
        OpenOffer,
        "SELECT o.held_id, s.starts_at AS start, s.ends_at AS end, o.expires_at FROM earlier_offer o"
        " JOIN appointment s ON s.id = o.held_id JOIN appointment a ON a.id = o.appointment_id"
        " WHERE o.tenant = $1 AND o.appointment_id = $2 AND o.outcome IS NULL"
        " AND s.state = 'held' AND a.state = 'confirmed' AND s.starts_at < a.starts_at",
        tenant,
        appointment_id,
    )


async def was_taken(connection: Connection, tenant: str, appointment_id: UUID) -> bool:
    """The newest offer to this citizen was taken."""
    outcome: str | None = await connection.fetchval(
        "SELECT outcome FROM earlier_offer WHERE tenant = $1 AND appointment_id = $2 ORDER BY id DESC LIMIT 1",
        tenant,
        appointment_id,
    )
    return outcome == "taken"


async def insert_offer(
    connection: Connection, tenant: str, appointment_id: UUID, held_id: UUID, now: datetime, expires_at: datetime
) -> None:
    await execute(
        connection,
        "INSERT INTO earlier_offer (id, tenant, appointment_id, held_id, offered_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        uuid7(),
        tenant,
        appointment_id,
        held_id,
        now,
        expires_at,
    )


async def settle_offer(
    connection: Connection, held_id: UUID, outcome: Literal["taken", "declined", "lapsed"], now: datetime
) -> bool:
    """The open offer of this slot; false if there is none."""
    return (
        await execute(
            connection,
            "UPDATE earlier_offer SET outcome = $2, settled_at = $3 WHERE held_id = $1 AND outcome IS NULL",
            held_id,
            outcome,
            now,
        )
        > 0
    )


async def settle_over(connection: Connection, held_id: UUID, appointment_id: UUID | None, now: datetime) -> None:
    """What is over of this slot's offers, and of the offers to that citizen."""
    await execute(
        connection,
        "UPDATE earlier_offer o SET outcome = 'lapsed', settled_at = $3 FROM appointment a, appointment s"
        " WHERE (o.held_id = $1 OR o.appointment_id = $2) AND o.outcome IS NULL AND a.id = o.appointment_id"
        " AND s.id = o.held_id AND (o.expires_at <= $3 OR a.state <> 'confirmed' OR a.starts_at <= s.starts_at)",
        held_id,
        appointment_id,
        now,
    )


async def has_open_offer(connection: Connection, held_id: UUID, appointment_id: UUID | None) -> bool:
    """Of the slot, or to the citizen."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM earlier_offer WHERE outcome IS NULL AND (held_id = $1 OR appointment_id = $2))",
        held_id,
        appointment_id,
    )
    return found

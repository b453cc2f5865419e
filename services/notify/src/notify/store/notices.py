from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from contracts.booking import AppointmentEvent, AppointmentEventType, InvitationEvent
from kit.sql import Connection, execute, fetch_all


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """An event under preparation; `claim` names who holds it."""

    id: UUID
    tenant: str
    type: AppointmentEventType | Literal["invitation.sent"]
    subject_id: UUID
    """The appointment's, or the invitation's."""
    version: int
    occurred_at: datetime
    tries: int
    claim: UUID
    created_at: datetime


async def insert_notice(connection: Connection, event: AppointmentEvent, now: datetime) -> None:
    await execute(
        connection,
        "INSERT INTO notice (id, tenant, appointment_id, type, version, occurred_at, due_at, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT DO NOTHING",
        event.id,
        event.tenant,
        event.appointment_id,
        event.type,
        event.version,
        event.occurred_at,
        now,
    )


async def insert_invitation_notice(connection: Connection, event: InvitationEvent, now: datetime) -> None:
    await execute(
        connection,
        "INSERT INTO notice (id, tenant, invitation_id, type, version, occurred_at, due_at, created_at)"
        " VALUES ($1, $2, $3, $4, 1, $5, $6, $6) ON CONFLICT DO NOTHING",
        event.id,
        event.tenant,
        event.invitation_id,
        event.type,
        event.occurred_at,
        now,
    )


async def claim_notices(connection: Connection, now: datetime, lease_until: datetime, count: int) -> list[Notice]:
    """The next ones due, of each appointment only the oldest open one; also those whose holder let the lease run out.

    Chosen in a query of their own: joined to the update, it might be asked again for each row, and choose others.
    """
    return await fetch_all(
        connection,
        Notice,
        "UPDATE notice SET state = 'claimed', claim = gen_random_uuid(), lease_until = $2, tries = tries + 1"
        " WHERE id = ANY(ARRAY(SELECT id FROM notice AS candidate"
        "  WHERE state IN ('waiting', 'claimed') AND due_at <= $1 AND (lease_until IS NULL OR lease_until < $1)"
        "  AND NOT EXISTS (SELECT 1 FROM notice AS older WHERE older.appointment_id = candidate.appointment_id"
        "    AND older.state IN ('waiting', 'claimed')"
        "    AND (older.version, older.occurred_at, older.id)"
        "      < (candidate.version, candidate.occurred_at, candidate.id))"
        "  ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED))"
        " RETURNING id, tenant, type, coalesce(appointment_id, invitation_id) AS subject_id, version, occurred_at,"
        " tries, claim, created_at",
        now,
        lease_until,
        count,
    )


async def move_to_prepared(connection: Connection, prepared: Sequence[tuple[Notice, int]]) -> set[UUID]:
    """Notices, and how many mails each became. The claims that held: others' notices somebody else has."""
    rows = await connection.fetch(
        "UPDATE notice SET state = 'prepared', claim = NULL, lease_until = NULL, mails = done.mails, cause = NULL"
        " FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS done (id, claim, mails)"
        " WHERE notice.id = ANY($1) AND notice.id = done.id AND notice.claim = done.claim RETURNING done.claim",
        [notice.id for notice, _ in prepared],
        [notice.claim for notice, _ in prepared],
        [mails for _, mails in prepared],
    )
    return {row["claim"] for row in rows}


async def move_to_waiting(connection: Connection, notice: Notice, due_at: datetime, cause: str) -> bool:
    return (
        await execute(
            connection,
            "UPDATE notice SET state = 'waiting', claim = NULL, lease_until = NULL, due_at = $3, cause = $4"
            " WHERE id = $1 AND claim = $2",
            notice.id,
            notice.claim,
            due_at,
            cause,
        )
        == 1
    )


async def move_to_failed(connection: Connection, notice: Notice, cause: str) -> bool:
    return (
        await execute(
            connection,
            "UPDATE notice SET state = 'failed', claim = NULL, lease_until = NULL, cause = $3"
            " WHERE id = $1 AND claim = $2",
            notice.id,
            notice.claim,
            cause,
        )
        == 1
    )

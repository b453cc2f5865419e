"""Deleting what is personal of an appointment, finding what is due, and the log that proves it.

Whoever adds a table that holds a person adds it here; `tests/journeys/test_erasure.py` finds what is forgotten.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from booking.domain.appointment import STANDING, WITH_DEADLINE
from booking.domain.erasure import ENDED, Cutoffs, Rule
from kit.sql import Connection, execute, fetch_all

_WITH_PERSON: Final = ("confirmation", "activation-mail", "cancellation")
"""Requests whose body names the person: of it a fingerprint is stored with the answer."""


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the log."""

    position: int
    appointment_id: UUID
    rule: Rule
    actor: str
    at: datetime
    counts: dict[str, int]


async def delete_person(connection: Connection, tenant: str, appointment_id: UUID) -> dict[str, int]:
    """How many rows went, by table. With the appointment's row locked."""
    scopes = [f"{tenant}:{appointment_id}:{verb}" for verb in _WITH_PERSON]
    return {
        "contact": await execute(
            connection, "DELETE FROM contact WHERE tenant = $1 AND appointment_id = $2", tenant, appointment_id
        ),
        "access_grant": await execute(
            connection, "DELETE FROM access_grant WHERE tenant = $1 AND appointment_id = $2", tenant, appointment_id
        ),
        "idempotent_answer": await execute(connection, "DELETE FROM idempotent_answer WHERE scope = ANY($1)", scopes),
        "waitlist_entry": await execute(
            connection, "DELETE FROM waitlist_entry WHERE tenant = $1 AND appointment_id = $2", tenant, appointment_id
        ),
        "call_list": await execute(
            connection, "DELETE FROM call_list WHERE tenant = $1 AND appointment_id = $2", tenant, appointment_id
        ),
        "open_hold": await execute(
            connection, "DELETE FROM open_hold WHERE tenant = $1 AND appointment_id = $2", tenant, appointment_id
        ),
    }


async def list_due(connection: Connection, tenant: str, dates: Cutoffs, now: datetime, limit: int) -> list[UUID]:
    """As `domain/erasure.rule_for` has it, which decides again with the row locked. By `contact`, whose rows are few:
    what is erased has none any more.
    """
    rows = await connection.fetch(
        """
        SELECT a.id FROM contact c JOIN appointment a ON a.id = c.appointment_id
        WHERE c.tenant = $1 AND a.tenant = $1 AND a.state <> ALL($4) AND a.rebook_until IS NULL
        AND ((a.starts_at < $2 AND a.ends_at <= $7) OR (a.state = ANY($5) AND a.updated_at < $2)
             OR (c.bound_at IS NULL AND a.created_at < $3 AND a.state <> ALL($6)))
        ORDER BY a.id LIMIT $8
        """,
        tenant,
        dates.visit,
        dates.draft,
        list(WITH_DEADLINE),
        list(ENDED),
        list(STANDING),
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def insert_deletion(
    connection: Connection,
    tenant: str,
    appointment_id: UUID,
    rule: Rule,
    actor: str,
    at: datetime,
    counts: dict[str, int],
) -> None:
    await execute(
        connection,
        "INSERT INTO deletion_log (tenant, appointment_id, rule, actor, at, counts) VALUES ($1, $2, $3, $4, $5, $6)",
        tenant,
        appointment_id,
        rule,
        actor,
        at,
        {table: count for table, count in counts.items() if count},
    )


async def was_erased(connection: Connection, appointment_id: UUID) -> bool:
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM deletion_log WHERE appointment_id = $1)", appointment_id
    )
    return found


async def list_deletions(
    connection: Connection, tenant: str, appointment_id: UUID | None, before: int, limit: int
) -> list[Deletion]:
    """Newest first."""
    return await fetch_all(
        connection,
        Deletion,
        "SELECT position, appointment_id, rule, actor, at, counts FROM deletion_log"
        " WHERE tenant = $1 AND ($2::uuid IS NULL OR appointment_id = $2) AND position < $3"
        " ORDER BY position DESC LIMIT $4",
        tenant,
        appointment_id,
        before,
        limit,
    )

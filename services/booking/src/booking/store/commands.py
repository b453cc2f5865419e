"""What payment must still be told: rows written with the decision, sent by the worker until a final answer."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from booking.domain.appointment import Command
from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_all


class DueCommand(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    appointment_id: UUID
    version: int
    verb: str
    payment_id: UUID
    amount_cents: int | None
    reason: str | None
    tries: int

    @property
    def idempotency_key(self) -> str:
        return f"{self.appointment_id}:{self.version}:{self.verb}"


async def insert_command(
    connection: Connection, appointment_id: UUID, version: int, command: Command, now: datetime
) -> None:
    await execute(
        connection,
        "INSERT INTO payment_command (id, appointment_id, version, verb, payment_id, amount_cents, reason, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        uuid7(),
        appointment_id,
        version,
        command.verb,
        command.payment_id,
        command.amount_cents,
        command.reason,
        now,
    )


async def withdraw_capture(connection: Connection, payment_id: UUID, now: datetime) -> None:
    """A capture that was not sent yet is not wanted any more. One under way is undone by the news of it."""
    await execute(
        connection,
        "UPDATE payment_command SET done_at = $2, outcome = 'withdrawn'"
        " WHERE payment_id = $1 AND verb = 'capture' AND done_at IS NULL",
        payment_id,
        now,
    )


async def claim_commands(connection: Connection, now: datetime, lease: timedelta, limit: int) -> list[DueCommand]:
    """Oldest first. Each is ours for `lease`; should we die, it is due again after that, under the same key."""
    return await fetch_all(
        connection,
        DueCommand,
        "UPDATE payment_command c SET tries = c.tries + 1, due_at = $2 FROM appointment a"
        " WHERE a.id = c.appointment_id AND c.id IN (SELECT id FROM payment_command"
        " WHERE done_at IS NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)"
        " RETURNING c.id, a.tenant, c.appointment_id, c.version, c.verb, c.payment_id, c.amount_cents, c.reason,"
        " c.tries",
        now,
        now + lease,
        limit,
    )


async def finish_command(connection: Connection, command_id: UUID, outcome: str, now: datetime) -> None:
    await execute(
        connection, "UPDATE payment_command SET done_at = $2, outcome = $3 WHERE id = $1", command_id, now, outcome
    )


async def postpone_command(connection: Connection, command_id: UUID, due_at: datetime) -> None:
    await execute(
        connection, "UPDATE payment_command SET due_at = $2 WHERE id = $1 AND done_at IS NULL", command_id, due_at
    )

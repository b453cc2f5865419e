from datetime import datetime
from uuid import UUID

import msgspec

from kit.ids import uuid7
from kit.sql import Connection, fetch_all, fetch_optional
from payment.domain.attempt import Provider
from payment.domain.dispute import Dispute, DisputeState
from payment.store.due import Due


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute that is to be read from the provider."""

    id: UUID
    tenant: str
    provider: Provider
    provider_dispute_id: str
    tries: int


class DisputeRow(Dispute, frozen=True, kw_only=True):
    """With what the treasury knows the payment by."""

    treasury_reference: str


async def insert_dispute(connection: Connection, dispute: Dispute, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO dispute (id, tenant, payment_id, attempt_id, provider, provider_dispute_id, state, amount_cents,"
        " currency, reason, respond_by, opened_at, closed_at, updated_at, taken_cents, fee_cents)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        dispute.id,
        dispute.tenant,
        dispute.payment_id,
        dispute.attempt_id,
        dispute.provider,
        dispute.provider_dispute_id,
        dispute.state,
        dispute.amount_cents,
        dispute.currency,
        dispute.reason,
        dispute.respond_by,
        dispute.opened_at,
        dispute.closed_at,
        now,
        dispute.taken_cents,
        dispute.fee_cents,
    )


async def update_dispute(connection: Connection, dispute: Dispute, now: datetime) -> None:
    await connection.execute(
        "UPDATE dispute SET state = $3, amount_cents = $4, respond_by = $5, closed_at = $6, updated_at = $7,"
        " taken_cents = $8, fee_cents = $9 WHERE tenant = $1 AND id = $2",
        dispute.tenant,
        dispute.id,
        dispute.state,
        dispute.amount_cents,
        dispute.respond_by,
        dispute.closed_at,
        now,
        dispute.taken_cents,
        dispute.fee_cents,
    )


async def find_dispute(
    connection: Connection, tenant: str, provider: Provider, provider_dispute_id: str
) -> Dispute | None:
    """Read it under the payment's lock."""
    return await fetch_optional(
        connection,
        Dispute,
        "SELECT id, tenant, payment_id, attempt_id, provider, provider_dispute_id, state, amount_cents, currency,"
        " reason, taken_cents, fee_cents, respond_by, opened_at, closed_at FROM dispute"
        " WHERE tenant = $1 AND provider = $2 AND provider_dispute_id = $3",
        tenant,
        provider,
        provider_dispute_id,
    )


async def list_dispute_states(connection: Connection, attempt_id: UUID) -> list[DisputeState]:
    rows = await connection.fetch("SELECT state FROM dispute WHERE attempt_id = $1", attempt_id)
    return [row["state"] for row in rows]


async def list_disputes(
    connection: Connection, tenant: str, state: DisputeState | None, before: UUID | None, limit: int
) -> list[DisputeRow]:
    """The newest first."""
    return await fetch_all(
        connection,
        DisputeRow,
        "SELECT d.id, d.tenant, d.payment_id, d.attempt_id, d.provider, d.provider_dispute_id, d.state,"
        " d.amount_cents, d.currency, d.reason, d.taken_cents, d.fee_cents, d.respond_by, d.opened_at, d.closed_at,"
        " p.treasury_reference"
        " FROM dispute d JOIN payment p ON p.id = d.payment_id"
        " WHERE d.tenant = $1 AND coalesce($2, d.state) = d.state AND ($3::uuid IS NULL OR d.id < $3)"
        " ORDER BY d.id DESC LIMIT $4",
        tenant,
        state,
        before,
        limit,
    )


# --- what is to be read ---------------------------------------------------------------------------------------------


async def plan_look(
    connection: Connection, tenant: str, provider: Provider, provider_dispute_id: str, now: datetime
) -> UUID:
    id_: UUID = await connection.fetchval(
        "INSERT INTO dispute_look (id, tenant, provider, provider_dispute_id, due_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (tenant, provider, provider_dispute_id) DO UPDATE SET due_at = $5, tries = 0 RETURNING id",
        uuid7(),
        tenant,
        provider,
        provider_dispute_id,
        now,
    )
    return id_


async def find_look(connection: Connection, id_: UUID) -> Look | None:
    return await fetch_optional(
        connection, Look, "SELECT id, tenant, provider, provider_dispute_id, tries FROM dispute_look WHERE id = $1", id_
    )


async def claim_due_looks(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Due]:
    return await fetch_all(
        connection,
        Due,
        "UPDATE dispute_look SET due_at = $2 WHERE id IN (SELECT id FROM dispute_look WHERE due_at <= $1"
        " ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING tenant, id",
        now,
        until,
        limit,
    )


async def postpone_look(connection: Connection, id_: UUID, due_at: datetime, tries: int) -> None:
    await connection.execute("UPDATE dispute_look SET due_at = $2, tries = $3 WHERE id = $1", id_, due_at, tries)


async def end_look(connection: Connection, id_: UUID) -> None:
    await connection.execute("DELETE FROM dispute_look WHERE id = $1", id_)

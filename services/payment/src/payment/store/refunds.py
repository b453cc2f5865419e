from datetime import datetime
from uuid import UUID

from kit.sql import Connection, execute, fetch_all, fetch_one, fetch_optional
from payment.domain.refund import Refund, RefundState
from payment.store.due import Due


async def insert_refund(connection: Connection, refund: Refund, due_at: datetime | None) -> None:
    await connection.execute(
        "INSERT INTO refund (id, tenant, payment_id, attempt_id, state, amount_cents, currency, reason, requested_by,"
        " due_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        refund.id,
        refund.tenant,
        refund.payment_id,
        refund.attempt_id,
        refund.state,
        refund.amount_cents,
        refund.currency,
        refund.reason,
        refund.requested_by,
        due_at,
        refund.created_at,
    )


async def get_refund(connection: Connection, id_: UUID) -> Refund:
    return await fetch_one(
        connection,
        Refund,
        "SELECT id, tenant, payment_id, attempt_id, state, amount_cents, currency, reason, requested_by,"
        " provider_refund_id, failure, transfer_reference, tries, created_at FROM refund WHERE id = $1",
        id_,
    )


async def list_refunds(connection: Connection, tenant: str, payment_id: UUID) -> list[Refund]:
    return await fetch_all(
        connection,
        Refund,
        "SELECT id, tenant, payment_id, attempt_id, state, amount_cents, currency, reason, requested_by,"
        " provider_refund_id, failure, transfer_reference, tries, created_at FROM refund"
        " WHERE tenant = $1 AND payment_id = $2 ORDER BY created_at, id",
        tenant,
        payment_id,
    )


async def lock_refund(connection: Connection, id_: UUID) -> Refund | None:
    return await fetch_optional(
        connection,
        Refund,
        "SELECT id, tenant, payment_id, attempt_id, state, amount_cents, currency, reason, requested_by,"
        " provider_refund_id, failure, transfer_reference, tries, created_at FROM refund"
        " WHERE id = $1 FOR NO KEY UPDATE",
        id_,
    )


async def find_refund_by_provider(connection: Connection, tenant: str, provider_refund_ids: list[str]) -> UUID | None:
    id_: UUID | None = await connection.fetchval(
        "SELECT id FROM refund WHERE tenant = $1 AND provider_refund_id = ANY($2) LIMIT 1", tenant, provider_refund_ids
    )
    return id_


async def sum_reserved(connection: Connection, attempt_id: UUID) -> int:
    """What is on its way back, or back already. Read it under the payment's lock."""
    cents: int = await connection.fetchval(
        "SELECT coalesce(sum(amount_cents), 0)::bigint FROM refund WHERE attempt_id = $1 AND state <> 'failed'",
        attempt_id,
    )
    return cents


async def move_refund(
    connection: Connection,
    refund: Refund,
    target: RefundState,
    now: datetime,
    *,
    due_at: datetime | None = None,
    provider_refund_id: str | None = None,
    failure: str | None = None,
    transfer_reference: str | None = None,
) -> bool:
    return (
        await execute(
            connection,
            "UPDATE refund SET state = $3, due_at = $4, provider_refund_id = coalesce($5, provider_refund_id),"
            " failure = $6, tries = 0, updated_at = $7, transfer_reference = $8 WHERE id = $1 AND state = $2",
            refund.id,
            refund.state,
            target,
            due_at,
            provider_refund_id,
            failure,
            now,
            transfer_reference,
        )
        == 1
    )


async def postpone_refund(connection: Connection, id_: UUID, due_at: datetime) -> None:
    await connection.execute("UPDATE refund SET tries = tries + 1, due_at = $2 WHERE id = $1", id_, due_at)


async def make_refund_due(connection: Connection, id_: UUID, now: datetime) -> None:
    await connection.execute(
        "UPDATE refund SET due_at = $2 WHERE id = $1 AND state IN ('approved', 'submitted')", id_, now
    )


async def make_approved_due(connection: Connection, attempt_id: UUID, now: datetime) -> None:
    """Those that waited for the end of a dispute."""
    await connection.execute(
        "UPDATE refund SET due_at = $2, tries = 0 WHERE attempt_id = $1 AND state = 'approved'", attempt_id, now
    )


async def claim_due_refunds(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Due]:
    return await fetch_all(
        connection,
        Due,
        "UPDATE refund SET due_at = $2 WHERE id IN (SELECT id FROM refund WHERE due_at <= $1"
        " ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING tenant, id",
        now,
        until,
        limit,
    )


async def list_approvals(connection: Connection, refund_id: UUID) -> list[str]:
    rows = await connection.fetch("SELECT subject FROM refund_approval WHERE refund_id = $1", refund_id)
    return [row["subject"] for row in rows]


async def insert_approval(connection: Connection, refund_id: UUID, subject: str, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO refund_approval (refund_id, subject, at) VALUES ($1, $2, $3)", refund_id, subject, now
    )


async def find_refund(connection: Connection, tenant: str, id_: UUID) -> Refund | None:
    return await fetch_optional(
        connection,
        Refund,
        "SELECT id, tenant, payment_id, attempt_id, state, amount_cents, currency, reason, requested_by,"
        " provider_refund_id, failure, transfer_reference, tries, created_at FROM refund"
        " WHERE tenant = $1 AND id = $2",
        tenant,
        id_,
    )

from datetime import datetime
from uuid import UUID

from kit.sql import Connection, execute, fetch_all, fetch_one, fetch_optional
from payment.domain.refund import Refund, RefundState
from payment.store.due import Due

_REFUND = (
    "SELECT id, tenant, payment_id, attempt_id, state, amount_cents, currency, reason, requested_by,"
    " provider_refund_id, failure, transfer_reference, tries, created_at FROM refund"
)


async def insert_refund(connection: Connection, refund: Refund, due_at: datetime | None) -> None:
    await connection.execute(
        "INSERT INTO refund (id, tenant, payment_id, attempt_id, state, amount_cents, currency, reason, requested_by,"
        " failure, due_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
        refund.id,
        refund.tenant,
        refund.payment_id,
        refund.attempt_id,
        refund.state,
        refund.amount_cents,
        refund.currency,
        refund.reason,
        refund.requested_by,
        refund.failure,
        due_at,
        refund.created_at,
    )


async def get_refund(connection: Connection, id_: UUID) -> Refund:
    return await fetch_one(
        connection,
        Refund,
        f"{_REFUND} WHERE id = $1",
        id_,
    )


async def list_refunds(connection: Connection, tenant: str, payment_id: UUID) -> list[Refund]:
    return await fetch_all(
        connection,
        Refund,
        f"{_REFUND} WHERE tenant = $1 AND payment_id = $2 ORDER BY created_at, id",
        tenant,
        payment_id,
    )


async def lock_refund(connection: Connection, id_: UUID) -> Refund | None:
    return await fetch_optional(
        connection,
        Refund,
        f"{_REFUND} WHERE id = $1 FOR NO KEY UPDATE",
        id_,
    )


async def find_refund_by_provider(connection: Connection, tenant: str, provider_refund_ids: list[str]) -> UUID | None:
    id_: UUID | None = await connection.fetchval(
        "SELECT id FROM refund WHERE tenant = $1 AND provider_refund_id = ANY($2) LIMIT 1", tenant, provider_refund_ids
    )
    return id_


async def sum_reserved(connection: Connection, attempt_id: UUID) -> int:
    """What is on its way back, back already, or lost by a dispute. Read it under the payment's lock."""
    cents: int = await connection.fetchval(
        "SELECT coalesce(sum(amount_cents), 0)::bigint FROM money_returned WHERE attempt_id = $1", attempt_id
    )
    return cents


async def sums_reserved(connection: Connection, payment_id: UUID) -> dict[UUID, int]:
    """The same of each attempt of a payment."""
    rows = await connection.fetch(
        "SELECT attempt_id, sum(amount_cents)::bigint AS cents FROM money_returned WHERE payment_id = $1"
        " GROUP BY attempt_id",
        payment_id,
    )
    return {row["attempt_id"]: row["cents"] for row in rows}


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


async def postpone_refund(connection: Connection, refund: Refund, due_at: datetime) -> None:
    """Unless somebody else moved it meanwhile: what is over is due no more."""
    await connection.execute(
        "UPDATE refund SET tries = tries + 1, due_at = $3 WHERE id = $1 AND state = $2",
        refund.id,
        refund.state,
        due_at,
    )


async def make_refund_due(connection: Connection, id_: UUID, now: datetime) -> None:
    """Also one that succeeded: it may have failed since."""
    await connection.execute(
        "UPDATE refund SET due_at = $2 WHERE id = $1 AND state IN ('approved', 'submitted', 'succeeded')", id_, now
    )


async def make_returned_due(connection: Connection, tenant: str, provider_refund_ids: list[str], now: datetime) -> None:
    """Those that count as succeeded, and whose money the provider's account says came back."""
    await connection.execute(
        "UPDATE refund SET due_at = $3 WHERE tenant = $1 AND provider_refund_id = ANY($2) AND state = 'succeeded'",
        tenant,
        provider_refund_ids,
        now,
    )


async def let_succeeded_be(connection: Connection, id_: UUID) -> None:
    """Read again, and it is as it was."""
    await connection.execute("UPDATE refund SET due_at = NULL, tries = 0 WHERE id = $1 AND state = 'succeeded'", id_)


async def make_approved_due(connection: Connection, attempt_id: UUID, now: datetime) -> None:
    """Those that waited for the end of a dispute."""
    await connection.execute(
        "UPDATE refund SET due_at = $2, tries = 0 WHERE attempt_id = $1 AND state = 'approved'", attempt_id, now
    )


async def list_waiting_refunds(connection: Connection, attempt_id: UUID) -> list[Refund]:
    """Those of which no provider was asked yet, locked."""
    return await fetch_all(
        connection,
        Refund,
        f"{_REFUND} WHERE attempt_id = $1 AND state IN ('requested', 'approved') ORDER BY id FOR UPDATE",
        attempt_id,
    )


async def claim_due_refunds(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Due]:
    return await fetch_all(
        connection,
        Due,
        "UPDATE refund SET due_at = $2 WHERE id IN (SELECT id FROM refund WHERE due_at <= $1"
        " AND state IN ('approved', 'submitted', 'succeeded') ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)"
        " RETURNING tenant, id",
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
        f"{_REFUND} WHERE tenant = $1 AND id = $2",
        tenant,
        id_,
    )

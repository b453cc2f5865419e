from datetime import date, datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_all, fetch_optional
from payment.domain.refund import RefundReason, RefundState

_BATCH = (
    "SELECT id, created_by, created_at, first_released_by, first_released_at, released_by, released_at"
    " FROM refund_batch"
)
_LISTED = (
    "SELECT r.id, r.payment_id, p.treasury_reference, r.state, r.amount_cents, r.currency, r.reason,"
    " r.requested_by, ARRAY(SELECT subject FROM refund_approval a WHERE a.refund_id = r.id ORDER BY at)"
    " AS approved_by, r.failure, r.transfer_reference, r.created_at, r.state = 'failed' AND r.amount_cents <="
    " (SELECT a.captured_cents FROM attempt a WHERE a.id = r.attempt_id) - (SELECT coalesce(sum(m.amount_cents), 0)"
    "  FROM money_returned m WHERE m.attempt_id = r.attempt_id) AS transfer_due"
    " FROM refund r JOIN payment p ON p.id = r.payment_id"
)


class RefundBatch(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    created_by: str
    created_at: datetime
    first_released_by: str | None = None
    """Of a batch that the clock drew up: two persons release it."""
    first_released_at: datetime | None = None
    released_by: str | None = None
    released_at: datetime | None = None


class ListedRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund as the treasury sees it."""

    id: UUID
    payment_id: UUID
    treasury_reference: str
    state: RefundState
    amount_cents: int
    currency: str
    reason: RefundReason
    requested_by: str
    approved_by: list[str]
    failure: str | None
    transfer_due: bool
    """It failed, and neither another refund nor a lost dispute gave the money back: the treasury pays it by hand."""
    transfer_reference: str | None
    created_at: datetime


async def list_refunds_of_tenant(
    connection: Connection, tenant: str, state: RefundState | None, after: UUID | None, limit: int
) -> list[ListedRefund]:
    return await fetch_all(
        connection,
        ListedRefund,
        f"{_LISTED} WHERE r.tenant = $1 AND ($2::text IS NULL OR r.state = $2) AND ($3::uuid IS NULL OR r.id > $3)"
        " ORDER BY r.id LIMIT $4",
        tenant,
        state,
        after,
        limit,
    )


async def list_releasable(connection: Connection, tenant: str, subject: str, limit: int) -> list[UUID]:
    """Due by rule, held by no dispute, and this person has not released them yet."""
    rows = await connection.fetch(
        "SELECT r.id FROM refund r WHERE r.tenant = $1 AND r.state = 'requested' AND r.requested_by LIKE 'rule:%'"
        " AND NOT EXISTS (SELECT 1 FROM refund_approval a WHERE a.refund_id = r.id AND a.subject = $2)"
        " AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.attempt_id = r.attempt_id AND d.state <> 'won')"
        " ORDER BY r.id LIMIT $3",
        tenant,
        subject,
        limit,
    )
    return [row["id"] for row in rows]


async def insert_batch(connection: Connection, tenant: str, batch: RefundBatch, refund_ids: list[UUID]) -> None:
    await connection.execute(
        "INSERT INTO refund_batch (id, tenant, created_by, created_at) VALUES ($1, $2, $3, $4)",
        batch.id,
        tenant,
        batch.created_by,
        batch.created_at,
    )
    await connection.executemany(
        "INSERT INTO refund_batch_item (batch_id, refund_id, tenant) VALUES ($1, $2, $3)",
        [(batch.id, refund_id, tenant) for refund_id in refund_ids],
    )


async def lock_batch(connection: Connection, tenant: str, id_: UUID) -> RefundBatch | None:
    return await fetch_optional(
        connection,
        RefundBatch,
        f"{_BATCH} WHERE tenant = $1 AND id = $2 FOR UPDATE",
        tenant,
        id_,
    )


async def list_batches(connection: Connection, tenant: str, before: UUID | None, limit: int) -> list[RefundBatch]:
    """Newest first."""
    return await fetch_all(
        connection,
        RefundBatch,
        f"{_BATCH} WHERE tenant = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        tenant,
        before,
        limit,
    )


async def list_batch_items(connection: Connection, tenant: str, batch_id: UUID) -> list[ListedRefund]:
    return await fetch_all(
        connection,
        ListedRefund,
        f"{_LISTED} JOIN refund_batch_item i ON i.refund_id = r.id"
        " WHERE i.tenant = $1 AND i.batch_id = $2 ORDER BY r.id",
        tenant,
        batch_id,
    )


async def note_release(connection: Connection, tenant: str, batch_id: UUID, by: str, now: datetime) -> None:
    await connection.execute(
        "UPDATE refund_batch SET released_by = $3, released_at = $4 WHERE tenant = $1 AND id = $2",
        tenant,
        batch_id,
        by,
        now,
    )


async def note_first_release(connection: Connection, tenant: str, batch_id: UUID, by: str, now: datetime) -> None:
    await connection.execute(
        "UPDATE refund_batch SET first_released_by = $3, first_released_at = $4 WHERE tenant = $1 AND id = $2",
        tenant,
        batch_id,
        by,
        now,
    )


# --- the daily batch ------------------------------------------------------------------------------------------------


class DueDay(msgspec.Struct, frozen=True):
    tenant: str
    day: date


async def list_due_days(connection: Connection, now: datetime) -> list[DueDay]:
    """Tenants by whose own clock the time has come today, and whose day was not looked at yet."""
    return await fetch_all(
        connection,
        DueDay,
        "SELECT slug AS tenant, local::date AS day FROM tenant,"
        " LATERAL (SELECT $1::timestamptz AT TIME ZONE (profile ->> 'time_zone') AS local) here"
        " WHERE local::time >= refund_batch_at AND NOT EXISTS"
        " (SELECT FROM refund_batch_day d WHERE d.tenant = slug AND d.day = local::date) ORDER BY slug",
        now,
    )


async def claim_day(connection: Connection, due: DueDay, now: datetime) -> bool:
    """False: somebody else has looked at it. Who comes at the same time waits here."""
    return (
        await execute(
            connection,
            "INSERT INTO refund_batch_day (tenant, day, looked_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            due.tenant,
            due.day,
            now,
        )
        == 1
    )


async def note_batch_of_day(connection: Connection, due: DueDay, batch_id: UUID) -> None:
    await connection.execute(
        "UPDATE refund_batch_day SET batch_id = $3 WHERE tenant = $1 AND day = $2", due.tenant, due.day, batch_id
    )


async def list_unbatched(connection: Connection, tenant: str, limit: int) -> list[UUID]:
    """Due by rule, held by no dispute, and in no batch that still waits for its release."""
    rows = await connection.fetch(
        "SELECT r.id FROM refund r WHERE r.tenant = $1 AND r.state = 'requested' AND r.requested_by LIKE 'rule:%'"
        " AND NOT EXISTS (SELECT FROM refund_batch_item i JOIN refund_batch b ON b.id = i.batch_id"
        "  WHERE i.refund_id = r.id AND b.released_at IS NULL)"
        " AND NOT EXISTS (SELECT FROM dispute d WHERE d.attempt_id = r.attempt_id AND d.state <> 'won')"
        " ORDER BY r.id LIMIT $2",
        tenant,
        limit,
    )
    return [row["id"] for row in rows]

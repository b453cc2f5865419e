from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_all, fetch_optional
from payment.domain.attempt import Attempt, AttemptState
from payment.store.due import Due

_ATTEMPT = (
    "SELECT id, tenant, payment_id, state, method, provider, session_id, redirect_url, authorization_id,"
    " authorization_expires_at, capture_id, captured_cents, card, last_decline, tries, created_at FROM attempt"
)


async def insert_attempt(connection: Connection, attempt: Attempt, due_at: datetime) -> None:
    """Raises asyncpg.UniqueViolationError while another attempt of the payment is live."""
    await connection.execute(
        "INSERT INTO attempt (id, tenant, payment_id, state, method, provider, due_at, created_at, updated_at,"
        " unclear_since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)",
        attempt.id,
        attempt.tenant,
        attempt.payment_id,
        attempt.state,
        attempt.method,
        attempt.provider,
        due_at,
        attempt.created_at,
    )


async def find_attempt(connection: Connection, id_: UUID) -> Attempt | None:
    return await fetch_optional(
        connection,
        Attempt,
        f"{_ATTEMPT} WHERE id = $1",
        id_,
    )


async def lock_attempt(connection: Connection, id_: UUID) -> Attempt | None:
    return await fetch_optional(
        connection,
        Attempt,
        f"{_ATTEMPT} WHERE id = $1 FOR NO KEY UPDATE",
        id_,
    )


async def list_attempts(connection: Connection, payment_id: UUID) -> list[Attempt]:
    """Newest first."""
    return await fetch_all(
        connection,
        Attempt,
        f"{_ATTEMPT} WHERE payment_id = $1 ORDER BY created_at DESC, id DESC",
        payment_id,
    )


async def find_attempt_by_provider(
    connection: Connection, tenant: str, provider: str, object_ids: list[str]
) -> Attempt | None:
    """By whatever a webhook names: the provider's session, authorization or capture."""
    return await fetch_optional(
        connection,
        Attempt,
        f"{_ATTEMPT} WHERE tenant = $1 AND provider = $2"
        " AND (session_id = ANY($3) OR authorization_id = ANY($3) OR capture_id = ANY($3)) LIMIT 1",
        tenant,
        provider,
        object_ids,
    )


async def list_known(connection: Connection, tenant: str, provider: str, ids: Collection[UUID]) -> set[UUID]:
    """Those of our own ids that are attempts of this tenant with this provider."""
    rows = await connection.fetch(
        "SELECT id FROM attempt WHERE tenant = $1 AND provider = $2 AND id = ANY($3)", tenant, provider, ids
    )
    return {row["id"] for row in rows}


async def find_last_method(connection: Connection, payment_id: UUID) -> str | None:
    """The method of the attempt that counts, else of the latest."""
    method: str | None = await connection.fetchval(
        "SELECT a.method FROM attempt a JOIN payment p ON p.id = a.payment_id WHERE p.id = $1"
        " ORDER BY (a.id = p.settled_attempt_id) IS TRUE DESC, a.created_at DESC, a.id DESC LIMIT 1",
        payment_id,
    )
    return method


async def move_attempt(
    connection: Connection, before: Attempt, after: Attempt, now: datetime, due_at: datetime | None
) -> bool:
    """Compare and set on the state; writes everything that was learnt of the provider."""
    return (
        await execute(
            connection,
            "UPDATE attempt SET state = $3, session_id = $4, redirect_url = $5, authorization_id = $6,"
            " authorization_expires_at = $7, capture_id = $8, captured_cents = $9, card = $10, last_decline = $11,"
            " tries = $12, due_at = $13, updated_at = $14,"
            " unclear_since = CASE WHEN $15 THEN coalesce(unclear_since, $14) END WHERE id = $1 AND state = $2",
            before.id,
            before.state,
            after.state,
            after.session_id,
            after.redirect_url,
            after.authorization_id,
            after.authorization_expires_at,
            after.capture_id,
            after.captured_cents,
            msgspec.to_builtins(after.card) if after.card else None,
            after.last_decline,
            after.tries,
            due_at,
            now,
            after.is_unclear,
        )
        == 1
    )


async def close_open_attempts(connection: Connection, payment_id: UUID, now: datetime) -> list[UUID]:
    """Open sessions of a payment that wants no more money are closed next. Returns all that are still live."""
    await connection.execute(
        "UPDATE attempt SET state = 'closing', due_at = $2, updated_at = $2,"
        " unclear_since = coalesce(unclear_since, $2) WHERE payment_id = $1 AND state = 'open'",
        payment_id,
        now,
    )
    rows = await connection.fetch(
        "UPDATE attempt SET due_at = $2 WHERE payment_id = $1"
        " AND state IN ('opening', 'closing', 'authorising') RETURNING id",
        payment_id,
        now,
    )
    return [row["id"] for row in rows]


async def start_void(connection: Connection, id_: UUID, source: AttemptState, now: datetime) -> bool:
    return (
        await execute(
            connection,
            "UPDATE attempt SET state = 'voiding', tries = 0, due_at = $3, updated_at = $3"
            " WHERE id = $1 AND state = $2",
            id_,
            source,
            now,
        )
        == 1
    )


async def make_due(connection: Connection, ids: Collection[UUID], now: datetime) -> None:
    """Locks in one order whoever asks. What is due already stays so, unwritten."""
    await connection.execute(
        "UPDATE attempt SET due_at = $2 WHERE id IN ("
        " SELECT id FROM attempt WHERE id = ANY($1) AND (due_at IS NULL OR due_at > $2) ORDER BY id FOR UPDATE)",
        ids,
        now,
    )


async def claim_due_attempts(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Due]:
    """Taken for a while (`until`): a worker that dies leaves them to be taken again."""
    return await fetch_all(
        connection,
        Due,
        "UPDATE attempt SET due_at = $2 WHERE id IN (SELECT id FROM attempt WHERE due_at <= $1"
        " ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING tenant, id",
        now,
        until,
        limit,
    )

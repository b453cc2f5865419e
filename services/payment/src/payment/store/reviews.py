from datetime import datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, fetch_all
from payment.domain.payment import Payment
from payment.domain.review import ReviewDecision


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    payment_id: UUID
    since: datetime


class TakenDecision(msgspec.Struct, frozen=True, kw_only=True):
    """`version`: the payment's after it. `asked_cents`: its amount before it."""

    version: int
    decision: ReviewDecision
    note: str
    subject: str
    asked_cents: int
    at: datetime


async def list_waiting(
    connection: Connection, tenant: str, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Waiting]:
    """Oldest first: since when each was last put under review."""
    since, after_id = after or (None, None)
    return await fetch_all(
        connection,
        Waiting,
        "SELECT w.payment_id, w.since FROM (SELECT p.id AS payment_id, (SELECT max(e.at) FROM payment_event e"
        " WHERE e.payment_id = p.id AND e.trigger = 'review') AS since"
        " FROM payment p WHERE p.tenant = $1 AND p.state = 'review') w"
        " WHERE $3::timestamptz IS NULL OR (w.since, w.payment_id) > ($3, $4) ORDER BY w.since, w.payment_id LIMIT $2",
        tenant,
        limit,
        since,
        after_id,
    )


async def insert_decision(
    connection: Connection, payment: Payment, taken: TakenDecision, captured_cents: int | None
) -> None:
    await connection.execute(
        "INSERT INTO review_decision (payment_id, version, tenant, decision, note, subject, asked_cents,"
        " captured_cents, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        payment.id,
        taken.version,
        payment.tenant,
        taken.decision,
        taken.note,
        taken.subject,
        taken.asked_cents,
        captured_cents,
        taken.at,
    )


async def list_decisions(connection: Connection, tenant: str, payment_id: UUID) -> list[TakenDecision]:
    return await fetch_all(
        connection,
        TakenDecision,
        "SELECT version, decision, note, subject, asked_cents, at FROM review_decision"
        " WHERE tenant = $1 AND payment_id = $2 ORDER BY version",
        tenant,
        payment_id,
    )

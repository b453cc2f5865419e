from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from contracts.payment import PaymentItem, PaymentState
from kit.sql import Connection, execute, fetch_all, fetch_optional
from payment.domain.payment import Payment, Trigger

_PAYMENT = (
    "SELECT id, tenant, state, version, reference, treasury_reference, description, amount_cents, currency,"
    " refunded_cents, capture, language, return_url, settled_attempt_id, cancel_requested_at, review_cause,"
    " expires_at, created_at FROM payment"
)


class Birth(NamedTuple):
    payment: Payment
    items: Sequence[PaymentItem]
    by: str
    """The actor: whose key it was."""


async def insert_payments(connection: Connection, births: Sequence[Birth]) -> None:
    """Each with its items, and its birth as the first entry of its history."""
    if not births:
        return
    await connection.execute(
        "WITH born AS ("
        " INSERT INTO payment (id, tenant, state, version, reference, treasury_reference, description, amount_cents,"
        " currency, capture, language, return_url, created_by, expires_at, created_at, updated_at)"
        " SELECT id, tenant, state, version, reference, treasury_reference, description, amount_cents,"
        " currency, capture, language, return_url, created_by, expires_at, created_at, created_at"
        " FROM jsonb_to_recordset($1) AS r (id uuid, tenant text, state text, version int, reference text,"
        " treasury_reference text, description text, amount_cents bigint, currency text, capture text, language text,"
        " return_url text, created_by text, expires_at timestamptz, created_at timestamptz)"
        " RETURNING id, version, tenant, state, created_by, created_at)"
        " INSERT INTO payment_event (payment_id, version, tenant, trigger, state, actor, at)"
        " SELECT id, version, tenant, $2, state, created_by, created_at FROM born",
        [msgspec.structs.asdict(birth.payment) | {"created_by": birth.by} for birth in births],
        Trigger.CREATE,
    )
    await connection.execute(
        "INSERT INTO payment_item (payment_id, position, description, quantity, amount_cents, accounting)"
        " SELECT payment_id, position, description, quantity, amount_cents, accounting"
        " FROM jsonb_to_recordset($1) AS r (payment_id uuid, position int, description text, quantity int,"
        " amount_cents bigint, accounting jsonb)",
        [
            msgspec.structs.asdict(item) | {"payment_id": birth.payment.id, "position": position}
            for birth in births
            for position, item in enumerate(birth.items, 1)
        ],
    )


async def find_payment(connection: Connection, tenant: str, id_: UUID) -> Payment | None:
    return await fetch_optional(
        connection,
        Payment,
        f"{_PAYMENT} WHERE tenant = $1 AND id = $2",
        tenant,
        id_,
    )


async def lock_payment(connection: Connection, tenant: str, id_: UUID) -> Payment | None:
    """Lock the payment before its attempts and refunds, always in this order.

    No key of theirs ever changes: so who only refers to them (a reading that books a fee, holding the ledger that we
    are about to want) need not wait for us.
    """
    return await fetch_optional(
        connection,
        Payment,
        f"{_PAYMENT} WHERE tenant = $1 AND id = $2 FOR NO KEY UPDATE",
        tenant,
        id_,
    )


async def claim_overdue(connection: Connection, now: datetime, limit: int) -> list[Payment]:
    return await fetch_all(
        connection,
        Payment,
        f"{_PAYMENT} WHERE state IN ('created', 'pending') AND expires_at <= $1 AND cancel_requested_at IS NULL"
        " ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED",
        now,
        limit,
    )


async def claim_unclear(connection: Connection, before: datetime, limit: int) -> list[Payment]:
    """What becomes of the money was unknown `before` already, and the citizen was not told so yet."""
    return await fetch_all(
        connection,
        Payment,
        f"{_PAYMENT} p WHERE state IN ('pending', 'expiring', 'capturing', 'voiding') AND id IN ("  # noqa: S608 - our own
        " SELECT id FROM payment WHERE state IN ('expiring', 'capturing', 'voiding') AND updated_at <= $1"
        " UNION ALL SELECT payment_id FROM attempt WHERE unclear_since <= $1)"
        " AND NOT EXISTS (SELECT 1 FROM payment_event e WHERE e.payment_id = p.id AND e.trigger = 'check')"
        " LIMIT $2 FOR UPDATE SKIP LOCKED",
        before,
        limit,
    )


async def move_payment(
    connection: Connection,
    payment: Payment,
    target: PaymentState,
    now: datetime,
    *,
    settled_attempt_id: UUID | None = None,
    review_cause: str | None = None,
    amount_cents: int | None = None,
) -> bool:
    """Compare and set: False when somebody else moved it since `payment` was read."""
    return (
        await execute(
            connection,
            "UPDATE payment SET state = $5, version = version + 1, updated_at = $6,"
            " settled_attempt_id = coalesce($7, settled_attempt_id), review_cause = coalesce($8, review_cause),"
            " amount_cents = coalesce($9, amount_cents)"
            " WHERE tenant = $1 AND id = $2 AND state = $3 AND version = $4",
            payment.tenant,
            payment.id,
            payment.state,
            payment.version,
            target,
            now,
            settled_attempt_id,
            review_cause,
            amount_cents,
        )
        == 1
    )


async def request_cancellation(connection: Connection, payment: Payment, now: datetime) -> None:
    await connection.execute(
        "UPDATE payment SET cancel_requested_at = coalesce(cancel_requested_at, $3), updated_at = $3"
        " WHERE tenant = $1 AND id = $2",
        payment.tenant,
        payment.id,
        now,
    )


async def add_refunded(connection: Connection, payment: Payment, amount_cents: int) -> None:
    """Negative for what came back."""
    await connection.execute(
        "UPDATE payment SET refunded_cents = refunded_cents + $3 WHERE tenant = $1 AND id = $2",
        payment.tenant,
        payment.id,
        amount_cents,
    )


async def list_items(connection: Connection, payment_id: UUID) -> list[PaymentItem]:
    return await fetch_all(
        connection,
        PaymentItem,
        "SELECT description, quantity, amount_cents, accounting FROM payment_item"
        " WHERE payment_id = $1 ORDER BY position",
        payment_id,
    )

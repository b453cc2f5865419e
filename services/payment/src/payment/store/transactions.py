from datetime import datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_optional
from payment.domain.xbezahldienste import TransactionRequest


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """A request of XBezahldienste and the payment that it became."""

    tenant: str
    originator_id: str
    end_point_id: str
    request_id: str
    payment_id: UUID
    request: TransactionRequest


async def claim_transaction(connection: Connection, transaction: Transaction, now: datetime) -> bool:
    """False where the requestId came before. Waits for another who is about to claim the same."""
    return (
        await execute(
            connection,
            "INSERT INTO xbezahldienste_transaction"
            " (tenant, originator_id, end_point_id, request_id, payment_id, request, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            transaction.tenant,
            transaction.originator_id,
            transaction.end_point_id,
            transaction.request_id,
            transaction.payment_id,
            msgspec.to_builtins(transaction.request),
            now,
        )
        == 1
    )


async def find_transaction_by_request(
    connection: Connection, tenant: str, originator_id: str, end_point_id: str, request_id: str
) -> Transaction | None:
    return await fetch_optional(
        connection,
        Transaction,
        "SELECT tenant, originator_id, end_point_id, request_id, payment_id, request FROM xbezahldienste_transaction"
        " WHERE tenant = $1 AND originator_id = $2 AND end_point_id = $3 AND request_id = $4",
        tenant,
        originator_id,
        end_point_id,
        request_id,
    )


async def find_transaction(
    connection: Connection, tenant: str, originator_id: str, end_point_id: str, payment_id: UUID
) -> Transaction | None:
    return await fetch_optional(
        connection,
        Transaction,
        "SELECT tenant, originator_id, end_point_id, request_id, payment_id, request FROM xbezahldienste_transaction"
        " WHERE tenant = $1 AND originator_id = $2 AND end_point_id = $3 AND payment_id = $4",
        tenant,
        originator_id,
        end_point_id,
        payment_id,
    )


async def is_transaction(connection: Connection, tenant: str, payment_id: UUID) -> bool:
    """Whether this payment came by XBezahldienste."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM xbezahldienste_transaction WHERE tenant = $1 AND payment_id = $2)",
        tenant,
        payment_id,
    )
    return found

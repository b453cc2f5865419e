from datetime import datetime
from uuid import UUID

from kit.sql import Connection
from payment.domain.ledger import LedgerEntry


async def insert_entry(connection: Connection, entry: LedgerEntry) -> None:
    """The database refuses a second capture of an attempt and a second entry of a refund."""
    await connection.execute(
        "INSERT INTO ledger_entry (tenant, payment_id, attempt_id, refund_id, kind, amount_cents, currency,"
        " treasury_reference, provider, provider_reference, booked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        entry.tenant,
        entry.payment_id,
        entry.attempt_id,
        entry.refund_id,
        entry.kind,
        entry.amount_cents,
        entry.currency,
        entry.treasury_reference,
        entry.provider,
        entry.provider_reference,
        entry.booked_at,
    )


async def find_capture_time(connection: Connection, tenant: str, payment_id: UUID) -> datetime | None:
    """When the money of the attempt that counts came in."""
    booked_at: datetime | None = await connection.fetchval(
        "SELECT l.booked_at FROM ledger_entry l JOIN payment p ON p.settled_attempt_id = l.attempt_id"
        " WHERE p.tenant = $1 AND p.id = $2 AND l.kind = 'capture'",
        tenant,
        payment_id,
    )
    return booked_at

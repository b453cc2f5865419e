from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from kit.sql import Connection, fetch_all, fetch_each, fetch_optional
from payment.domain.ledger import BookedSource, LedgerEntry
from payment.domain.ledger_chain import ChainedEntry, LedgerEnd
from payment.domain.receipt import GivenBack


async def insert_entry(connection: Connection, entry: LedgerEntry) -> int:
    """The database chains it, and refuses a second capture of an attempt and a second entry of a refund.

    Returns its number. From here to the commit nobody else writes to the tenant's ledger: insert last.
    """
    number: int = await connection.fetchval(
        "INSERT INTO ledger_entry (tenant, payment_id, attempt_id, refund_id, kind, amount_cents, currency,"
        " treasury_reference, provider, provider_reference, booked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING number",
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
    return number


async def find_capture_time(connection: Connection, tenant: str, payment_id: UUID) -> datetime | None:
    """When the money of the attempt that counts came in."""
    booked_at: datetime | None = await connection.fetchval(
        "SELECT l.booked_at FROM ledger_entry l JOIN payment p ON p.settled_attempt_id = l.attempt_id"
        " WHERE p.tenant = $1 AND p.id = $2 AND l.kind = 'capture'",
        tenant,
        payment_id,
    )
    return booked_at


async def find_ledger_end(connection: Connection, tenant: str) -> LedgerEnd:
    found = await fetch_optional(
        connection, LedgerEnd, "SELECT number, hash FROM ledger_head WHERE tenant = $1", tenant
    )
    return found or LedgerEnd()


def each_entry(connection: Connection, tenant: str) -> AsyncIterator[ChainedEntry]:
    """In the chain's order. Needs a transaction."""
    return fetch_each(
        connection,
        ChainedEntry,
        "SELECT tenant, payment_id, attempt_id, refund_id, kind, amount_cents, currency, treasury_reference, provider,"
        " provider_reference, booked_at, number, previous_hash, hash FROM ledger_entry WHERE tenant = $1"
        " ORDER BY number",
        tenant,
    )


async def list_sources(connection: Connection, tenant: str, provider: str, source_ids: list[str]) -> list[BookedSource]:
    """The captures and refunds that bear these ids of the provider."""
    return await fetch_all(
        connection,
        BookedSource,
        "SELECT a.capture_id AS source_id, a.payment_id, a.id AS attempt_id, p.treasury_reference"
        " FROM attempt a JOIN payment p ON p.id = a.payment_id"
        " WHERE a.tenant = $1 AND a.provider = $2 AND a.capture_id = ANY($3)"
        " UNION ALL SELECT r.provider_refund_id, r.payment_id, r.attempt_id, p.treasury_reference"
        " FROM refund r JOIN payment p ON p.id = r.payment_id"
        " WHERE r.tenant = $1 AND r.provider_refund_id = ANY($3)",
        tenant,
        provider,
        source_ids,
    )


async def list_given_back(connection: Connection, tenant: str, payment_id: UUID) -> list[GivenBack]:
    """Of the attempt that counts, oldest first. A refund that came back to us never reached the payer."""
    return await fetch_all(
        connection,
        GivenBack,
        "SELECT l.booked_at AS at, -l.amount_cents AS amount_cents, l.kind = 'chargeback' AS is_chargeback"
        " FROM ledger_entry l JOIN payment p ON p.settled_attempt_id = l.attempt_id AND p.currency = l.currency"
        " WHERE p.tenant = $1 AND p.id = $2"
        " AND (l.kind IN ('manual_transfer', 'chargeback') OR l.kind = 'refund' AND NOT EXISTS"
        "  (SELECT FROM ledger_entry back WHERE back.refund_id = l.refund_id AND back.kind = 'refund_reversal'))"
        " ORDER BY l.booked_at, l.id",
        tenant,
        payment_id,
    )

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec

from kit.sql import Connection, fetch_all, fetch_each, fetch_optional
from payment.domain.day_close import DayClose, Posting
from payment.domain.ledger_chain import LedgerEnd
from payment.domain.reconciliation_items import REPORTING
from payment.store.open_items import list_went_back

_DAY_CLOSE = (
    "SELECT number, day, first_number, last_number, ledger_hash, lines, totals, accepted_exceptions,"
    " export_hash, closed_by, closed_at FROM day_close"
)


class Waiting(msgspec.Struct, frozen=True):
    """Entries that are not followed to the bank yet."""

    entries: int
    first: str | None
    """Kassenzeichen."""


async def insert_close(connection: Connection, tenant: str, close: DayClose) -> None:
    """The database refuses a gap, a day twice and a day before the last."""
    await connection.execute(
        "INSERT INTO day_close (tenant, number, day, first_number, last_number, ledger_hash, lines, totals,"
        " accepted_exceptions, export_hash, closed_by, closed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tenant,
        close.number,
        close.day,
        close.first_number,
        close.last_number,
        close.ledger_hash,
        close.lines,
        msgspec.to_builtins(close.totals),
        close.accepted_exceptions,
        close.export_hash,
        close.closed_by,
        close.closed_at,
    )


async def insert_lines(connection: Connection, tenant: str, number: int, first: int, lines: Sequence[str]) -> None:
    await connection.executemany(
        "INSERT INTO day_close_line (tenant, close_number, position, line) VALUES ($1, $2, $3, $4)",
        [(tenant, number, position, line) for position, line in enumerate(lines, first)],
    )


def each_line(connection: Connection, tenant: str, number: int) -> AsyncIterator["Line"]:
    """Needs a transaction."""
    return fetch_each(
        connection,
        Line,
        "SELECT line FROM day_close_line WHERE tenant = $1 AND close_number = $2 ORDER BY position",
        tenant,
        number,
    )


class Line(msgspec.Struct, frozen=True):
    line: str


async def find_close(connection: Connection, tenant: str, number: int) -> DayClose | None:
    return await fetch_optional(
        connection,
        DayClose,
        f"{_DAY_CLOSE} WHERE tenant = $1 AND number = $2",
        tenant,
        number,
    )


async def find_last_close(connection: Connection, tenant: str) -> DayClose | None:
    return await fetch_optional(
        connection,
        DayClose,
        f"{_DAY_CLOSE} WHERE tenant = $1 ORDER BY number DESC LIMIT 1",
        tenant,
    )


async def list_closes(connection: Connection, tenant: str, before: int | None, limit: int) -> list[DayClose]:
    """Newest first."""
    return await fetch_all(
        connection,
        DayClose,
        f"{_DAY_CLOSE} WHERE tenant = $1 AND ($2::int IS NULL OR number < $2) ORDER BY number DESC LIMIT $3",
        tenant,
        before,
        limit,
    )


async def list_closed_ends(connection: Connection, tenant: str) -> list[LedgerEnd]:
    """Where the ledger stood at each close."""
    return await fetch_all(
        connection,
        LedgerEnd,
        "SELECT last_number AS number, ledger_hash AS hash FROM day_close WHERE tenant = $1",
        tenant,
    )


async def find_first_booking(
    connection: Connection, tenant: str, first_number: int, not_before: datetime | None
) -> datetime | None:
    """Of what is not closed yet, and was booked from that instant on."""
    booked_at: datetime | None = await connection.fetchval(
        "SELECT min(booked_at) FROM ledger_entry WHERE tenant = $1 AND number >= $2"
        " AND ($3::timestamptz IS NULL OR booked_at >= $3)",
        tenant,
        first_number,
        not_before,
    )
    return booked_at


async def find_end_before(connection: Connection, tenant: str, first_number: int, until: datetime) -> LedgerEnd:
    """The last entry before the first that was booked at `until` or later: a close leaves no number out."""
    found = await fetch_optional(
        connection,
        LedgerEnd,
        "SELECT number, hash FROM ledger_entry WHERE tenant = $1 AND number < coalesce((SELECT min(number)"
        " FROM ledger_entry WHERE tenant = $1 AND number >= $2 AND booked_at >= $3), 9223372036854775807)"
        " ORDER BY number DESC LIMIT 1",
        tenant,
        first_number,
        until,
    )
    return found or LedgerEnd()


async def find_waiting(connection: Connection, tenant: str, first_number: int, last_number: int) -> Waiting:
    """Entries of these numbers without movement, payout or arrival that nobody has accepted either.

    What a failed payout brought back arrives with the payout that it went out with again. Of what went back whole
    before it was paid out, nothing has to arrive.
    """
    row = await connection.fetchrow(
        "WITH RECURSIVE accepted AS (SELECT kind, subject FROM treasury_exception"
        "  WHERE tenant = $1 AND accepted_at IS NOT NULL),"
        " arrived AS (SELECT p.provider, p.id FROM provider_payout p WHERE p.tenant = $1"
        "  AND (p.summed_at IS NOT NULL AND p.status <> 'failed'"
        "    AND (p.bank_entry_id IS NOT NULL OR p.amount_cents = 0)"
        "   OR EXISTS (SELECT FROM accepted a WHERE a.kind IN ('payout_not_at_bank', 'payout_failed')"
        "    AND a.subject = p.provider || ':' || p.id))"
        "  UNION SELECT back.provider, back.source_id FROM provider_movement back JOIN arrived"
        "   ON arrived.provider = back.provider AND arrived.id = back.payout_id"
        "   WHERE back.tenant = $1 AND back.kind = 'payout_reversal')"
        " SELECT count(DISTINCT l.number) AS entries,"
        " (array_agg(l.treasury_reference ORDER BY l.number))[1] AS first"
        " FROM ledger_entry l LEFT JOIN provider_movement m ON m.tenant = $1 AND m.ledger_number = l.number"
        " LEFT JOIN arrived p ON p.provider = m.provider AND p.id = m.payout_id"
        " WHERE l.tenant = $1 AND l.number BETWEEN $2 AND $3 AND l.provider = ANY($4)"
        " AND l.kind IN ('capture', 'refund', 'refund_reversal', 'chargeback') AND NOT EXISTS (SELECT 1 FROM accepted a"
        "  WHERE (a.kind, a.subject) IN (('missing_at_provider', l.provider || ':' || l.kind || ':'"
        "   || l.provider_reference), ('not_paid_out', m.provider || ':' || m.id)))"
        " AND p.id IS NULL AND NOT l.number = ANY($5)",
        tenant,
        first_number,
        last_number,
        list(REPORTING),
        list(await list_went_back(connection, tenant)),
    )
    return msgspec.convert(row, Waiting)


def each_posting(
    connection: Connection, tenant: str, first_number: int, last_number: int, time_zone: str
) -> AsyncIterator[Posting]:
    """What the treasury books of these entries. Needs a transaction.

    A movement's fee stands beside the entry that it was matched with; where that has none, or is closed already, on a
    line of its own; and once (`note_exported_fees`).
    """
    return fetch_each(
        connection,
        Posting,
        "SELECT l.number, l.kind, l.amount_cents, coalesce(m.fee_cents, 0)::bigint AS fee_cents,"
        " (l.booked_at AT TIME ZONE $4)::date AS booked_on, coalesce(l.treasury_reference, '') AS treasury_reference,"
        " l.provider, l.provider_reference, coalesce(m.payout_id, '') AS payout_id, coalesce(i.parts, '[]') AS parts"
        " FROM ledger_entry l LEFT JOIN LATERAL (SELECT max(payout_id) AS payout_id,"
        "  sum(fee_cents) FILTER (WHERE fee_close IS NULL) AS fee_cents"
        "  FROM provider_movement WHERE tenant = $1 AND ledger_number = l.number) m ON true"
        " LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('description', description,"
        "  'cents', quantity * amount_cents, 'accounting', accounting) ORDER BY position) AS parts"
        "  FROM payment_item WHERE payment_id = l.payment_id) i ON true"
        " WHERE l.tenant = $1 AND l.number BETWEEN $2 AND $3 AND (l.kind IN"
        "  ('capture', 'refund', 'refund_reversal', 'chargeback', 'manual_transfer')"
        "  OR (l.kind = 'fee' AND NOT EXISTS (SELECT FROM provider_movement told WHERE told.tenant = $1"
        "   AND told.provider = l.provider AND told.fee_cents <> 0 AND told.ledger_number <> l.number"
        "   AND (told.fee_close IS NOT NULL OR told.ledger_number >= $2) AND told.id IN (l.provider_reference,"
        "    (SELECT movement_id FROM dispute_entry d WHERE d.tenant = $1 AND d.ledger_number = l.number)))))"
        " ORDER BY l.number",
        tenant,
        first_number,
        last_number,
        time_zone,
    )


async def note_exported_fees(
    connection: Connection, tenant: str, close_number: int, first_number: int, last_number: int
) -> None:
    """A fee whose entry comes here and whose movement belongs to a later entry waits for that one's close."""
    await connection.execute(
        "UPDATE provider_movement m SET fee_close = $2 WHERE m.tenant = $1 AND m.fee_close IS NULL"
        " AND (m.ledger_number BETWEEN $3 AND $4 OR (m.provider, m.id) IN (SELECT l.provider, l.provider_reference"
        "  FROM ledger_entry l WHERE l.tenant = $1 AND l.number BETWEEN $3 AND $4 AND l.kind = 'fee')"
        "  AND coalesce(m.ledger_number, 0) <= $4)",
        tenant,
        close_number,
        first_number,
        last_number,
    )


async def count_accepted(connection: Connection, tenant: str, since: datetime | None) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM treasury_exception WHERE tenant = $1"
        " AND accepted_at > coalesce($2::timestamptz, '-infinity')",
        tenant,
        since,
    )
    return count

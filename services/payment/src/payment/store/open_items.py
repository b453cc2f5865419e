"""What the four-way match has still to look at: everything that is settled or closed stays where it is."""

from datetime import datetime

from kit.sql import Connection, fetch_all
from payment.domain.reconciliation_items import (
    REPORTING,
    Arrival,
    OpenBankEntry,
    OpenEntry,
    OpenItems,
    OpenMovement,
    OpenPayout,
    Placement,
)
from payment.store.movements import list_accounts


async def lock_reconciliation(connection: Connection, tenant: str) -> None:
    """One match and one day close of a tenant at a time, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('treasury:' || $1, 0))", tenant)


async def list_open_items(connection: Connection, tenant: str) -> OpenItems:
    accounts = await list_accounts(connection, tenant)
    return OpenItems(
        entries=await _list_entries(connection, tenant),
        movements=await _list_movements(connection, tenant),
        payouts=await _list_payouts(connection, tenant),
        bank_entries=await _list_bank_entries(connection, tenant),
        read_until={account.provider: account.read_until for account in accounts if account.read_until},
        accepted=await _list_accepted(connection, tenant),
        went_back=await list_went_back(connection, tenant),
    )


async def list_went_back(connection: Connection, tenant: str) -> frozenset[int]:
    """Ledger entries of attempts of which as much went back as came in, as the provider has told, and nothing was paid
    out: no payout has to come. A fee that was kept lessens a later one.
    """
    rows = await connection.fetch(
        "SELECT l.number FROM ledger_entry l WHERE l.tenant = $1 AND l.number IN (SELECT m.ledger_number"
        "  FROM provider_movement m WHERE m.tenant = $1 AND m.settled_at IS NULL AND m.ledger_number IS NOT NULL)"
        " AND (SELECT sum(e.amount_cents) = 0 AND bool_and(EXISTS (SELECT FROM provider_movement m"
        "   WHERE m.tenant = $1 AND m.ledger_number = e.number) AND NOT EXISTS (SELECT FROM provider_movement m"
        "   WHERE m.tenant = $1 AND m.ledger_number = e.number AND m.payout_id IS NOT NULL))"
        "  FROM ledger_entry e WHERE e.tenant = $1 AND e.payment_id = l.payment_id AND e.attempt_id = l.attempt_id"
        "  AND e.kind IN ('capture', 'refund', 'refund_reversal', 'chargeback'))",
        tenant,
    )
    return frozenset(row["number"] for row in rows)


async def _list_entries(connection: Connection, tenant: str) -> list[OpenEntry]:
    """Of days that are not closed, and what was closed without a movement (accepted as missing) that came after all."""
    return await fetch_all(
        connection,
        OpenEntry,
        "SELECT l.number, l.kind, l.amount_cents, l.provider, l.provider_reference, l.treasury_reference, l.booked_at"
        " FROM ledger_entry l WHERE l.tenant = $1 AND l.kind IN ('capture', 'refund', 'refund_reversal', 'chargeback')"
        " AND l.provider = ANY($2)"
        " AND l.number IN (SELECT number FROM ledger_entry WHERE tenant = $1"
        "   AND number > coalesce((SELECT max(last_number) FROM day_close WHERE tenant = $1), 0)"
        "  UNION SELECT late.number FROM provider_movement m JOIN ledger_entry late"
        "   ON late.tenant = $1 AND late.provider = m.provider AND late.provider_reference = m.source_id"
        "   WHERE m.tenant = $1 AND m.settled_at IS NULL AND m.ledger_number IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM provider_movement m WHERE m.tenant = $1 AND m.ledger_number = l.number)",
        tenant,
        list(REPORTING),
    )


async def _list_movements(connection: Connection, tenant: str) -> list[OpenMovement]:
    return await fetch_all(
        connection,
        OpenMovement,
        "SELECT m.provider, m.id, m.kind, m.amount_cents, m.fee_cents, m.source_id, m.reference, m.occurred_at,"
        " m.payout_id, m.ledger_number, d.amount_cents AS booked_cents"
        " FROM provider_movement m LEFT JOIN dispute_entry d"
        " ON d.tenant = m.tenant AND d.ledger_number = m.ledger_number AND d.kind = 'chargeback'"
        " WHERE m.tenant = $1 AND m.settled_at IS NULL",
        tenant,
    )


async def _list_payouts(connection: Connection, tenant: str) -> list[OpenPayout]:
    return await fetch_all(
        connection,
        OpenPayout,
        "SELECT p.provider, p.id, p.amount_cents, p.status, p.arrives_on, p.trace, p.names_movements,"
        " p.summed_at IS NOT NULL AS is_summed, p.bank_entry_id,"
        " coalesce(made.occurred_at, p.arrives_on::timestamp AT TIME ZONE 'UTC') AS made_at,"
        " (SELECT coalesce(sum(m.amount_cents - m.fee_cents), 0)::bigint FROM provider_movement m"
        "  WHERE m.tenant = $1 AND m.provider = p.provider AND m.payout_id = p.id) AS movements_cents,"
        " again.source_id IS NOT NULL AS is_repeated"
        " FROM provider_payout p LEFT JOIN provider_movement made"
        " ON made.tenant = $1 AND made.provider = p.provider AND made.kind = 'payout' AND made.id = p.id"
        " LEFT JOIN (SELECT DISTINCT provider, source_id FROM provider_movement"
        "  WHERE tenant = $1 AND kind = 'payout_reversal' AND payout_id IS NOT NULL) again"
        " ON again.provider = p.provider AND again.source_id = p.id"
        " WHERE p.tenant = $1 AND (p.summed_at IS NULL"
        "  OR CASE p.status WHEN 'failed' THEN again.source_id IS NULL ELSE p.bank_entry_id IS NULL END)",
        tenant,
    )


async def _list_bank_entries(connection: Connection, tenant: str) -> list[OpenBankEntry]:
    return await fetch_all(
        connection,
        OpenBankEntry,
        "SELECT b.id, b.provider, b.amount_cents, b.booked_on, b.text FROM bank_entry b"
        " WHERE b.tenant = $1 AND b.provider IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM provider_payout p WHERE p.bank_entry_id = b.id)"
        " AND NOT EXISTS (SELECT 1 FROM treasury_exception e WHERE e.tenant = $1"
        "  AND e.kind = 'bank_entry_without_payout' AND e.subject = b.id::text AND e.accepted_at IS NOT NULL)",
        tenant,
    )


async def _list_accepted(connection: Connection, tenant: str) -> frozenset[tuple[str, str, int]]:
    rows = await connection.fetch(
        "SELECT kind, subject, difference_cents FROM treasury_exception WHERE tenant = $1 AND accepted_at IS NOT NULL",
        tenant,
    )
    return frozenset((row["kind"], row["subject"], row["difference_cents"]) for row in rows)


async def place_movements(connection: Connection, tenant: str, placements: list[Placement], now: datetime) -> None:
    """Whoever reads the account meanwhile may have learnt of a payout that the match did not know."""
    await connection.executemany(
        "UPDATE provider_movement SET ledger_number = $4, payout_id = coalesce(payout_id, $5),"
        " settled_at = CASE WHEN $6 THEN $7::timestamptz END WHERE tenant = $1 AND provider = $2 AND id = $3",
        [
            (tenant, item.provider, item.id, item.ledger_number, item.payout_id, item.is_done, now)
            for item in placements
        ],
    )


async def note_arrivals(connection: Connection, tenant: str, arrivals: list[Arrival], now: datetime) -> None:
    await connection.executemany(
        "UPDATE provider_payout SET bank_entry_id = $4, summed_at = CASE WHEN $5 THEN coalesce(summed_at, $6) END"
        " WHERE tenant = $1 AND provider = $2 AND id = $3",
        [(tenant, item.provider, item.id, item.bank_entry_id, item.is_summed, now) for item in arrivals],
    )

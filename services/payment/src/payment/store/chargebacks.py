from uuid import UUID

import msgspec

from kit.sql import Connection, fetch_one, fetch_optional
from payment.domain.chargeback import Booked
from payment.domain.dispute import Dispute
from payment.domain.ledger import LedgerKind


class ClaimedEntry(msgspec.Struct, frozen=True):
    ledger_number: int
    amount_cents: int


async def find_booked(connection: Connection, dispute: Dispute, capture_id: str) -> Booked:
    """Read it under the account's lock (`store/movements.lock_account`)."""
    return await fetch_one(
        connection,
        Booked,
        "SELECT"
        " (SELECT coalesce(sum(amount_cents), 0)::bigint FROM dispute_entry"
        "  WHERE tenant = $1 AND dispute_id = $2 AND kind = 'chargeback') AS own_cents,"
        " (SELECT coalesce(sum(amount_cents), 0)::bigint FROM dispute_entry"
        "  WHERE tenant = $1 AND dispute_id = $2 AND kind = 'fee') AS own_fee_cents,"
        " (SELECT coalesce(sum(amount_cents), 0)::bigint FROM ledger_entry"
        "  WHERE tenant = $1 AND payment_id = $3 AND attempt_id = $4 AND kind = 'chargeback') AS capture_cents,"
        " (SELECT coalesce(sum(coalesce(taken_cents, amount_cents)), 0)::bigint FROM dispute"
        "  WHERE tenant = $1 AND attempt_id = $4 AND id <> $2 AND state = 'lost') AS others_lost_cents,"
        " EXISTS (SELECT FROM provider_movement WHERE tenant = $1 AND provider = $5 AND source_id = $6"
        "  AND (kind = 'fee' OR kind = 'dispute' AND fee_cents <> 0)) AS is_fee_told",
        dispute.tenant,
        dispute.id,
        dispute.payment_id,
        dispute.attempt_id,
        dispute.provider,
        capture_id,
    )


async def insert_dispute_entry(
    connection: Connection, dispute: Dispute, ledger_number: int, kind: LedgerKind, amount_cents: int
) -> None:
    await connection.execute(
        "INSERT INTO dispute_entry (tenant, ledger_number, dispute_id, attempt_id, kind, amount_cents)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        dispute.tenant,
        ledger_number,
        dispute.id,
        dispute.attempt_id,
        kind,
        amount_cents,
    )


async def claim_dispute_entry(
    connection: Connection, tenant: str, attempt_id: UUID, kind: LedgerKind, amount_cents: int, movement_id: str
) -> ClaimedEntry | None:
    """The oldest that no movement has told yet and that goes the same way, in or out."""
    return await fetch_optional(
        connection,
        ClaimedEntry,
        "UPDATE dispute_entry SET movement_id = $5 WHERE tenant = $1 AND ledger_number = ("
        " SELECT ledger_number FROM dispute_entry WHERE tenant = $1 AND attempt_id = $2 AND kind = $3"
        " AND sign(amount_cents) = sign($4::bigint) AND movement_id IS NULL ORDER BY ledger_number LIMIT 1)"
        " RETURNING ledger_number, amount_cents",
        tenant,
        attempt_id,
        kind,
        amount_cents,
        movement_id,
    )

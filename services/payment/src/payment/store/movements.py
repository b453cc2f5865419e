from collections.abc import Sequence
from datetime import datetime

import msgspec

from kit.sql import Connection, fetch_all
from payment.domain.attempt import Provider
from payment.domain.movement import Movement, Payout
from payment.domain.reconciliation_items import REPORTING


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's account at a provider, as one to be read."""

    tenant: str
    provider: Provider
    read_until: datetime | None


async def add_accounts(connection: Connection, now: datetime) -> None:
    """Every account that is configured, of a provider that reports, is read from now on."""
    await connection.execute(
        "INSERT INTO movement_reading (tenant, provider, due_at)"
        " SELECT tenant, provider, $1 FROM provider_account WHERE provider = ANY($2) ON CONFLICT DO NOTHING",
        now,
        list(REPORTING),
    )


async def claim_due_accounts(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Account]:
    """Taken for a while (`until`): a worker that dies leaves them to be taken again."""
    return await fetch_all(
        connection,
        Account,
        "UPDATE movement_reading SET due_at = $2 WHERE (tenant, provider) IN (SELECT tenant, provider"
        " FROM movement_reading WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)"
        " RETURNING tenant, provider, read_until",
        now,
        until,
        limit,
    )


async def list_accounts(connection: Connection, tenant: str) -> list[Account]:
    return await fetch_all(
        connection,
        Account,
        "SELECT tenant, provider, read_until FROM movement_reading WHERE tenant = $1 ORDER BY provider",
        tenant,
    )


async def lock_account(connection: Connection, account: Account) -> None:
    """Whoever records what was read does so alone."""
    await connection.execute(
        "SELECT 1 FROM movement_reading WHERE tenant = $1 AND provider = $2 FOR UPDATE",
        account.tenant,
        account.provider,
    )


async def hold_account(connection: Connection, tenant: str, provider: Provider, now: datetime) -> None:
    """For who books of it besides: nothing is read in until the transaction ends. Take it before a payment's lock."""
    await add_accounts(connection, now)
    await lock_account(connection, Account(tenant=tenant, provider=provider, read_until=None))


async def note_reading(connection: Connection, account: Account, read_until: datetime, due_at: datetime) -> None:
    await connection.execute(
        "UPDATE movement_reading SET read_until = greatest(read_until, $3), due_at = $4"
        " WHERE tenant = $1 AND provider = $2",
        account.tenant,
        account.provider,
        read_until,
        due_at,
    )


async def list_known(connection: Connection, account: Account, ids: list[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT id FROM provider_movement WHERE tenant = $1 AND provider = $2 AND id = ANY($3)",
        account.tenant,
        account.provider,
        ids,
    )
    return {row["id"] for row in rows}


async def insert_movement(
    connection: Connection, account: Account, movement: Movement, ledger_number: int | None
) -> None:
    await connection.execute(
        "INSERT INTO provider_movement (tenant, provider, id, kind, amount_cents, fee_cents, currency, source_id,"
        " reference, occurred_at, payout_id, ledger_number)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        account.tenant,
        account.provider,
        movement.id,
        movement.kind,
        movement.amount.amount_cents,
        movement.fee_cents,
        movement.amount.currency,
        movement.source_id,
        movement.reference,
        movement.occurred_at,
        movement.payout_id,
        ledger_number,
    )


async def note_payouts_of_movements(connection: Connection, account: Account, movements: Sequence[Movement]) -> None:
    """Which known movements were paid out meanwhile. What was said once stays."""
    await connection.execute(
        "UPDATE provider_movement m SET payout_id = said.payout_id"
        " FROM unnest($3::text[], $4::text[]) AS said(id, payout_id)"
        " WHERE m.tenant = $1 AND m.provider = $2 AND m.id = said.id AND m.payout_id IS NULL",
        account.tenant,
        account.provider,
        [movement.id for movement in movements if movement.payout_id],
        [movement.payout_id for movement in movements if movement.payout_id],
    )


async def upsert_payouts(connection: Connection, account: Account, payouts: Sequence[Payout]) -> None:
    await connection.executemany(
        "INSERT INTO provider_payout (tenant, provider, id, amount_cents, currency, status, arrives_on, trace,"
        " names_movements) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant, provider, id)"
        " DO UPDATE SET status = excluded.status, arrives_on = excluded.arrives_on, trace = excluded.trace",
        [
            (
                account.tenant,
                account.provider,
                payout.id,
                payout.amount.amount_cents,
                payout.amount.currency,
                payout.status,
                payout.arrives_on,
                payout.trace,
                payout.names_movements,
            )
            for payout in payouts
        ],
    )

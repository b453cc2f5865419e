from datetime import datetime
from uuid import UUID

import msgspec

from kit.ids import uuid7
from kit.sql import Connection, fetch_optional
from payment.domain.statement import Statement


class StoredStatement(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    digest: bytes


async def find_statement(connection: Connection, tenant: str, iban: str, number: str) -> StoredStatement | None:
    return await fetch_optional(
        connection,
        StoredStatement,
        "SELECT id, digest FROM bank_statement WHERE tenant = $1 AND iban = $2 AND number = $3",
        tenant,
        iban,
        number,
    )


async def insert_statement(
    connection: Connection, tenant: str, statement: Statement, digest: bytes, by: str, now: datetime
) -> UUID | None:
    """None: somebody else reads the same one just now."""
    id_: UUID | None = await connection.fetchval(
        "INSERT INTO bank_statement (id, tenant, iban, number, digest, currency, opened_cents, closed_cents, closed_on,"
        " entries, imported_by, imported_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT DO NOTHING RETURNING id",
        uuid7(),
        tenant,
        statement.iban,
        statement.number,
        digest,
        statement.currency,
        statement.opened_cents,
        statement.closed_cents,
        statement.closed_on,
        len(statement.entries),
        by,
        now,
    )
    return id_


async def insert_statement_entries(
    connection: Connection, tenant: str, statement_id: UUID, statement: Statement
) -> None:
    await connection.executemany(
        "INSERT INTO bank_entry (id, tenant, statement_id, position, amount_cents, booked_on, provider, text)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            (uuid7(), tenant, statement_id, position, entry.amount_cents, entry.booked_on, entry.provider, entry.text)
            for position, entry in enumerate(statement.entries)
        ],
    )

from datetime import datetime

from kit.sql import Connection, execute


async def insert_suppression(
    connection: Connection, tenant: str, recipient_hash: str, cause: str, now: datetime
) -> None:
    await execute(
        connection,
        "INSERT INTO suppression (tenant, recipient_hash, cause, created_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        tenant,
        recipient_hash,
        cause,
        now,
    )


async def delete_suppression(connection: Connection, tenant: str, recipient_hash: str) -> None:
    """After a mail was accepted: which proves nothing of an address whose mails come back later (`bounces`)."""
    await execute(
        connection,
        "DELETE FROM suppression WHERE tenant = $1 AND recipient_hash = $2 AND cause NOT LIKE 'dsn%'",
        tenant,
        recipient_hash,
    )

"""Which days' digests were written, and whose of them are to be written anew."""

from datetime import date, datetime
from uuid import UUID

from kit.sql import Connection, execute


async def is_unwritten(connection: Connection, tenant: str, day: date) -> bool:
    """At least somebody's."""
    found: bool = await connection.fetchval(
        "SELECT NOT EXISTS (SELECT 1 FROM digest_day WHERE tenant = $1 AND day = $2)"
        " OR EXISTS (SELECT 1 FROM digest_again WHERE tenant = $1 AND day = $2)",
        tenant,
        day,
    )
    return found


async def insert_digest_day(connection: Connection, tenant: str, day: date, now: datetime) -> bool:
    """False if another worker wrote them; who comes meanwhile waits for its commit."""
    touched = await execute(
        connection,
        "INSERT INTO digest_day (tenant, day, written_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        tenant,
        day,
        now,
    )
    return touched == 1


async def take_again(connection: Connection, tenant: str, day: date) -> set[UUID]:
    """Clerks whose digest is to be written anew, by whoever takes them."""
    rows = await connection.fetch(
        "DELETE FROM digest_again WHERE tenant = $1 AND day = $2 RETURNING clerk_id", tenant, day
    )
    return {row["clerk_id"] for row in rows}


async def delete_digest_days(connection: Connection, before: date) -> int:
    return await execute(connection, "DELETE FROM digest_day WHERE day < $1", before)

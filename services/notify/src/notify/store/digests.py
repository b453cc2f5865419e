"""Which days' digests were written."""

from datetime import date, datetime

from kit.sql import Connection, execute


async def has_digest_day(connection: Connection, tenant: str, day: date) -> bool:
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM digest_day WHERE tenant = $1 AND day = $2)", tenant, day
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


async def delete_digest_days(connection: Connection, before: date) -> int:
    return await execute(connection, "DELETE FROM digest_day WHERE day < $1", before)

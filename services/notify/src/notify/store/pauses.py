"""Pauses of mail servers, one row an account; no row: it is well."""

from datetime import datetime

import msgspec

from kit.sql import Connection, execute, fetch_all
from notify.domain.pausing import Cause, Pause


class PauseRow(msgspec.Struct, frozen=True):
    account: str
    """A tenant's slug; empty: the house's."""
    cause: Cause
    level: int
    until: datetime
    since: datetime


async def take_probe(connection: Connection, account: str, now: datetime, until: datetime) -> bool:
    """False: another sender has just taken it."""
    touched = await execute(
        connection,
        "UPDATE relay_pause SET until = $3 WHERE account = $1 AND until <= $2",
        account,
        now,
        until,
    )
    return touched == 1


async def upsert_pause(connection: Connection, account: str, pause: Pause, now: datetime) -> None:
    """Several senders that met the same fault at once write the same level."""
    await execute(
        connection,
        "INSERT INTO relay_pause (account, cause, level, until, since) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (account) DO UPDATE SET cause = EXCLUDED.cause, level = EXCLUDED.level, until = EXCLUDED.until,"
        " since = CASE WHEN relay_pause.cause = EXCLUDED.cause THEN relay_pause.since ELSE EXCLUDED.since END",
        account,
        pause.cause,
        pause.level,
        pause.until,
        now,
    )


async def delete_pause(connection: Connection, account: str | None) -> int:
    """`account` None: of all."""
    return await execute(connection, "DELETE FROM relay_pause WHERE $1::text IS NULL OR account = $1", account)


async def delete_tenants_pauses(connection: Connection) -> int:
    """Of all but the house's server."""
    return await execute(connection, "DELETE FROM relay_pause WHERE account <> ''")


async def list_pauses(connection: Connection, account: str | None = None) -> list[PauseRow]:
    return await fetch_all(
        connection,
        PauseRow,
        "SELECT account, cause, level, until, since FROM relay_pause"
        " WHERE $1::text IS NULL OR account = $1 ORDER BY account",
        account,
    )

"""Typed rows over asyncpg: SQL, arguments and type stand on one screen in the caller.

The SQL parameter is a `LiteralString`, so a query built from input does not pass the type checker.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import LiteralString, TypeAlias, TypeVar

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
T = TypeVar("T")
FETCH_ROWS = 500
CLOSE_TIMEOUT_S = 2
_NONE: Mapping[str, str] = {}

log = logging.getLogger(__name__)


class RowMissing(LookupError):
    """`fetch_one` found no row."""


async def fetch_optional(connection: Connection, type_: type[T], sql: LiteralString, *arguments: object) -> T | None:
    record = await connection.fetchrow(sql, *arguments)
    return None if record is None else msgspec.convert(record, type_)


async def fetch_one(connection: Connection, type_: type[T], sql: LiteralString, *arguments: object) -> T:
    row = await fetch_optional(connection, type_, sql, *arguments)
    if row is None:
        raise RowMissing(type_.__name__)
    return row


async def fetch_all(connection: Connection, type_: type[T], sql: LiteralString, *arguments: object) -> list[T]:
    return msgspec.convert(await connection.fetch(sql, *arguments), list[type_])  # type: ignore[valid-type] # a type variable is a type here


async def fetch_each(
    connection: Connection, type_: type[T], sql: LiteralString, *arguments: object
) -> AsyncIterator[T]:
    """One row after the other, in flat memory however many there are. Needs a transaction."""
    async for record in connection.cursor(sql, *arguments, prefetch=FETCH_ROWS):
        yield msgspec.convert(record, type_)


async def execute(connection: Connection, sql: LiteralString, *arguments: object) -> int:
    """Return the number of rows touched, so that a compare-and-set can be told from a miss."""
    status = await connection.execute(sql, *arguments)
    return int(status.rsplit(" ", 1)[-1]) if status[-1:].isdigit() else 0


@asynccontextmanager
async def open_pool(url: str, *, size_max: int = 10, settings: Mapping[str, str] = _NONE) -> AsyncIterator[Pool]:
    """A pool whose connections read and write `jsonb` as Python values. `settings` hold on all of them.

    No reset is sent when a connection is given back (it costs a third of the requests): nothing here ever sets session
    state. Settings are made with `SET LOCAL` alone.
    """
    pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size_max,
        init=_prepare,
        reset=_keep,
        command_timeout=30,
        server_settings={"timezone": "UTC", "idle_in_transaction_session_timeout": "60000", "jit": "off", **settings},
    )
    try:
        yield pool
    finally:
        await _close(pool)


async def _close(pool: Pool) -> None:
    """A database that is mute never says goodbye: its connections are cut, so that the process can end."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()
        log.warning("the database did not answer; its connections were cut")


async def _prepare(connection: Connection) -> None:
    encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder()
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + encoder.encode(value),
        decoder=lambda data: decoder.decode(data[1:]),
    )


async def _keep(connection: Connection) -> None:
    """Nothing to reset: see `open_pool`."""

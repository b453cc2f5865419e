"""The list that a clerk works off: visits that stand where rules have changed. What was seen to is cleared first."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from booking.store.conflicts import ConflictEntry, ConflictState, list_conflict_entries, resolve_moved
from booking.usecases.cursors import position_of
from kit.cursor import cut, write_cursor
from kit.sql import Pool

PAGE = 50


class ConflictPage(NamedTuple):
    entries: list[ConflictEntry]
    next_cursor: str | None


class _Position(msgspec.Struct, frozen=True, array_like=True):
    starts_at: datetime
    id: UUID


async def list_conflicts(
    pool: Pool, tenant: str, state: ConflictState, now: datetime, cursor: str | None = None
) -> ConflictPage:
    """By the time of the visit. Raises Invalid."""
    after = position_of(cursor, _Position) if cursor else None
    async with pool.acquire() as connection:
        await resolve_moved(connection, tenant, now)
        found = await list_conflict_entries(
            connection, tenant, state, after.starts_at if after else None, after.id if after else None, PAGE + 1
        )
    page, last = cut(found, PAGE)
    return ConflictPage(page, write_cursor(_Position(last.start, last.id)) if last else None)

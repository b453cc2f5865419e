"""The list that a clerk works off: visits that stand where rules have changed. What was seen to is cleared first."""

import base64
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from booking.domain.errors import Invalid
from booking.store.conflicts import ConflictEntry, ConflictState, list_conflict_entries, resolve_moved
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
    after = _read_cursor(cursor) if cursor else None
    async with pool.acquire() as connection:
        await resolve_moved(connection, tenant, now)
        found = await list_conflict_entries(
            connection, tenant, state, after.starts_at if after else None, after.id if after else None, PAGE + 1
        )
    page = found[:PAGE]
    return ConflictPage(page, _cursor(page[-1]) if len(found) > PAGE else None)


def _cursor(last: ConflictEntry) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(_Position(last.start, last.id))).decode()


def _read_cursor(cursor: str) -> _Position:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor), type=_Position)
    except ValueError:
        raise Invalid.field("cursor", "expected a next_cursor of this list") from None

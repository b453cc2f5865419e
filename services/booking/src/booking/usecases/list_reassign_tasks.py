"""The list that deputies and leads work off: visits to which their clerk said no. What was seen to is closed first."""

from datetime import UTC, datetime
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec

from booking.store.reassign_tasks import TaskEntry, TaskState, close_needless, list_tasks
from booking.usecases.cursors import position_of
from kit.cursor import cut, write_cursor
from kit.sql import Pool

PAGE = 50


class TaskPage(NamedTuple):
    entries: list[TaskEntry]
    next_cursor: str | None


class _Position(msgspec.Struct, frozen=True):
    due: Annotated[int, msgspec.Meta(ge=0, le=7_258_118_400)]
    """Seconds since 1970: deadlines are whole seconds."""
    id: UUID


async def list_reassign_tasks(
    pool: Pool, tenant: str, state: TaskState, owner_id: UUID | None, now: datetime, cursor: str | None = None
) -> TaskPage:
    """The most urgent first. Raises Invalid."""
    after = _read(cursor) if cursor else None
    async with pool.acquire() as connection:
        await close_needless(connection, tenant, now)
        found = await list_tasks(connection, tenant, state, owner_id, after, PAGE + 1)
    page, last = cut(found, PAGE)
    return TaskPage(page, write_cursor(_Position(int(last.due_at.timestamp()), last.id)) if last else None)


def _read(cursor: str) -> tuple[datetime, UUID]:
    position = position_of(cursor, _Position)
    return datetime.fromtimestamp(position.due, UTC), position.id

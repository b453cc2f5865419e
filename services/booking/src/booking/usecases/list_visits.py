"""The day's visits for the staff, and finding one by its number or the person's name."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, NamedTuple, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import STANDING
from booking.domain.errors import Invalid
from booking.domain.folding import fold
from booking.domain.numbers import begin_of_number
from booking.store.clerks import find_clerk_by_subject
from booking.store.visits import VisitFilter, VisitRow
from booking.store.visits import list_visits as list_rows
from booking.usecases.cursors import position_of
from booking.usecases.view_visit import VisitView, show_visit
from contracts.booking import AppointmentState
from kit.cursor import cut, write_cursor
from kit.sql import Pool

PAGE: Final = 100
EVER: Final = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
ALL_STATES: Final[tuple[AppointmentState, ...]] = get_args(AppointmentState)


class VisitPage(NamedTuple):
    visits: Sequence[VisitView]
    next_cursor: str | None


class VisitQuery(msgspec.Struct, frozen=True, kw_only=True):
    day: date | None = None
    """Null: today, or any day where a number or name is asked for."""
    location_id: UUID | None = None
    clerk_id: UUID | None = None
    states: Sequence[AppointmentState] = ()
    """Empty: what stands that day, or any state where a number or name is asked for."""
    number: str = ""
    """Its beginning."""
    name: str = ""
    cursor: str | None = None


class _Cursor(msgspec.Struct, frozen=True):
    start: Annotated[int, msgspec.Meta(ge=0, le=7_258_118_400)]
    """Seconds since 1970."""
    id: UUID


async def list_visits(pool: Pool, tenant: str, zone: ZoneInfo, query: VisitQuery, now: datetime) -> VisitPage:
    """By their start. Raises Invalid."""
    wanted = _filter(query, zone, now)
    async with pool.acquire() as connection:
        rows = await list_rows(connection, tenant, wanted)
    page, last = cut(rows, PAGE)
    return VisitPage([show_visit(row, now) for row in page], _cursor(last) if last else None)


async def clerk_of(pool: Pool, tenant: str, clerk: str | None, subject: str) -> UUID | None:
    """`me` is the clerk whose token asks. Raises Invalid."""
    if clerk is None:
        return None
    if clerk != "me":
        try:
            return UUID(clerk)
        except ValueError:
            raise Invalid.field("clerk", 'expected an id or "me"') from None
    async with pool.acquire() as connection:
        found = await find_clerk_by_subject(connection, tenant, subject)
    if found is None:
        raise Invalid.field("clerk", "whose token this is serves no visits here; name a clerk")
    return found


def _filter(query: VisitQuery, zone: ZoneInfo, now: datetime) -> VisitFilter:
    is_search = bool(query.number or query.name)
    words = fold(query.name).split()
    if query.name and not words:
        raise Invalid.field("name", "expected letters")
    since, before = EVER if is_search and query.day is None else _bounds(query.day or now.astimezone(zone).date(), zone)
    return VisitFilter(
        since=since,
        before=before,
        location_id=query.location_id,
        clerk_id=query.clerk_id,
        states=query.states or (ALL_STATES if is_search else sorted(STANDING)),
        number_begin=begin_of_number(query.number),
        name_words=words,
        after=_read_cursor(query.cursor) if query.cursor else None,
        limit=PAGE + 1,
    )


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if not EVER[0].date() <= day < EVER[1].date():
        raise Invalid.field("day", "this day is too far away")
    return datetime.combine(day, time.min, zone), datetime.combine(day + timedelta(days=1), time.min, zone)


def _cursor(last: VisitRow) -> str:
    return write_cursor(_Cursor(int(last.starts_at.timestamp()), last.id))


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    cursor = position_of(text, _Cursor)
    return datetime.fromtimestamp(cursor.start, UTC), cursor.id

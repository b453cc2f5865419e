"""Read the next clerk's own calendar that is due: what it takes is no longer offered, what it gave back is.

No transaction is open while others are spoken to. A calendar that cannot be read keeps its last known times. A visit
that is booked already where the clerk turns out to be busy is a conflict, as after an absence; nobody moves it.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
import msgspec
from cryptography.fernet import Fernet, InvalidToken

from booking.clients.busy_calendar import CalendarUnreadable, read_calendar
from booking.clients.caldav import Login, LoginRefused, read_collection
from booking.domain.busy import Busy, Entry, id_of, merge, not_ours, touched_runs
from booking.store import busy_times
from booking.store.absences import find_clerk_lanes
from booking.store.busy_times import BusySource
from booking.store.profile import get_profile
from booking.store.rules import lock_rules
from booking.usecases.rebuild_masks import rebuild_lanes, whole_scope
from kit.clock import Clock
from kit.outside import Call, FetchFailed, fetch
from kit.sql import Connection, Pool

BYTES_MAX = 5 * 1024 * 1024
TIMEOUT_S = 20
"""For each question."""
REFUSED_REST: Final = timedelta(hours=1)
"""Until a refused account is tried again: directories lock accounts after some wrong passwords within half an hour."""


class News(NamedTuple):
    texts: list[bytes] | None
    """None: it is as it was read."""
    etag: str | None
    last_modified: str | None


class BusyReader(NamedTuple):
    pool: Pool
    clock: Clock
    http: httpx.AsyncClient
    key: Fernet
    every: timedelta
    allow_loopback: bool


async def read_busy_times(reader: BusyReader) -> int:
    """0: none is due."""
    now = reader.clock()
    async with reader.pool.acquire() as connection:
        source = await busy_times.claim_source(connection, now, now + reader.every)
    if source is None:
        return 0
    try:
        await _read(reader, source)
    except LoginRefused as error:
        await _mark_failing(reader, await _with_same_account(reader, source), str(error), REFUSED_REST)
    except (FetchFailed, CalendarUnreadable) as error:
        await _mark_failing(reader, [source], str(error)[:100], timedelta())
    return 1


async def _with_same_account(reader: BusyReader, source: BusySource) -> list[BusySource]:
    """The house may have given one account for many clerks."""
    account = _account(reader.key, source)
    async with reader.pool.acquire() as connection:
        others = await busy_times.list_with_login(connection, source.tenant)
    return [other for other in others if _account(reader.key, other) == account]


def _account(key: Fernet, source: BusySource) -> tuple[str, Login | None] | None:
    """Server and login; None where the key is another one by now."""
    try:
        url, login = _opened(key, source)
    except FetchFailed:
        return None
    return urlsplit(url).netloc.lower(), login


async def _mark_failing(reader: BusyReader, sources: Sequence[BusySource], cause: str, rest: timedelta) -> None:
    now = reader.clock()
    async with reader.pool.acquire() as connection, connection.transaction():
        for source in sources:
            await busy_times.mark_failing(connection, source, cause, now, now + rest)


async def _read(reader: BusyReader, source: BusySource) -> None:
    """Raises FetchFailed, CalendarUnreadable."""
    within, zone = await _window(reader, source)
    news = await _ask(reader, source, within)
    entries = None if news.texts is None else await asyncio.to_thread(read_calendar, news.texts, within, zone)
    async with reader.pool.acquire() as connection, connection.transaction():
        await lock_rules(connection, source.tenant)
        if not await busy_times.lock_source(connection, source):
            return
        if entries is not None:
            await _save(connection, reader, source, entries, within, zone)
        until = source.read_until if entries is None else within.ends_at
        await busy_times.mark_read(connection, source.clerk_id, news.etag, news.last_modified, until, reader.clock())


async def _window(reader: BusyReader, source: BusySource) -> tuple[Busy, ZoneInfo]:
    """As far as one may book."""
    async with reader.pool.acquire() as connection:
        scope = await whole_scope(connection, source.tenant, reader.clock())
        zone = ZoneInfo((await get_profile(connection, source.tenant)).time_zone)
    return Busy(scope.since, scope.until), zone


async def _ask(reader: BusyReader, source: BusySource, within: Busy) -> News:
    """Whole, unless it was read as far as this. Raises FetchFailed, CalendarUnreadable."""
    url, login = _opened(reader.key, source)
    ask = partial(fetch, reader.http, bytes_max=BYTES_MAX, timeout_s=TIMEOUT_S, allow_loopback=reader.allow_loopback)
    is_as_far = source.read_until == within.ends_at
    if login:
        tag, objects = await read_collection(ask, url, login, source.etag if is_as_far else None, within)
        return News(objects, tag, None)
    known = {"If-None-Match": source.etag, "If-Modified-Since": source.last_modified} if is_as_far else {}
    headers = {name: value for name, value in known.items() if value} | {"Accept": "text/calendar"}
    fetched = await ask(Call(url, headers))
    etag, last_modified = (fetched.headers.get(name) for name in ("etag", "last-modified"))
    if fetched.body is None:
        return News(None, etag or source.etag, last_modified or source.last_modified)
    return News([fetched.body], etag, last_modified)


def _opened(key: Fernet, source: BusySource) -> tuple[str, Login | None]:
    """Address and login. Raises FetchFailed."""
    try:
        login = msgspec.json.decode(key.decrypt(source.login), type=Login) if source.login else None
        return key.decrypt(source.address).decode(), login
    except InvalidToken:
        raise FetchFailed("key_changed") from None


async def _save(
    connection: Connection,
    reader: BusyReader,
    source: BusySource,
    entries: list[Entry],
    within: Busy,
    zone: ZoneInfo,
) -> None:
    told = await busy_times.list_told(connection, source.clerk_id, {id_ for entry in entries if (id_ := id_of(entry))})
    visits = await busy_times.list_standing_visits(connection, source.clerk_id, within)
    before = await busy_times.list_busy_times(connection, source.clerk_id)
    after = merge(not_ours(entries, told, visits), within)
    await busy_times.replace_busy_times(connection, source.tenant, source.clerk_id, after)
    lanes = await find_clerk_lanes(connection, source.tenant, source.clerk_id)
    assert lanes is not None, "clerks are never deleted"
    for first_day, last_day in touched_runs(before, after, zone):
        await rebuild_lanes(connection, source.tenant, lanes.lane_ids, first_day, last_day, reader.clock())

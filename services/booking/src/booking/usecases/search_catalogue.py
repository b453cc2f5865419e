"""Searching what a tenant offers: services, locations, and the public functions of clerks. Also mistyped."""

from collections.abc import Sequence
from typing import NamedTuple

from booking.domain.catalogue import Catalogue, Service
from booking.domain.errors import Invalid
from booking.domain.folding import query_words
from booking.domain.search_entries import Entry, entries_of_clerks, entries_of_location, entry_of_service
from booking.store import search as store
from booking.store.catalogue import get_profile
from booking.store.search import FoundEntry, Position, Query
from booking.usecases.cursors import position_of
from kit.cursor import cut, write_cursor
from kit.sql import Connection, Pool

PAGE = 50
QUERY_MAX = 100


class ServicePage(NamedTuple):
    services: Sequence[Service]
    next_cursor: str | None
    rank: int | None
    """How well the first fits; 0 is best, null if there is none."""


async def search_services(
    pool: Pool,
    catalogue: Catalogue,
    *,
    query: str = "",
    letter: str | None = None,
    life_situation: str | None = None,
    cursor: str | None = None,
) -> ServicePage:
    """Best first, or by name where there is no query. Raises Invalid."""
    for field, value in (("letter", letter), ("life_situation", life_situation)):
        if value and "\0" in value:  # PostgreSQL's text has no such character
            raise Invalid.field(field, "expected text")
    asked = Query(
        words=words_of(query),
        kinds=("service",),
        letter=letter.upper() if letter else None,
        life_situation=life_situation or None,
    )
    after = position_of(cursor, Position) if cursor else None
    found = await _search(pool, catalogue, asked, PAGE + 1, after) if asked.words or not query.strip() else []
    page, last = cut(found, PAGE)
    services = [catalogue.services[item.id] for item in page if item.id in catalogue.services]
    return ServicePage(services, _cursor(last) if last else None, found[0].rank if found else None)


async def search_places(pool: Pool, catalogue: Catalogue, query: str) -> Sequence[FoundEntry]:
    """Locations and functions. Raises Invalid."""
    words = words_of(query)
    return await _search(pool, catalogue, Query(words=words, kinds=("location", "function")), PAGE) if words else ()


async def search_everything(pool: Pool, catalogue: Catalogue, query: str) -> Sequence[FoundEntry]:
    """Raises Invalid."""
    words = words_of(query)
    asked = Query(words=words, kinds=("service", "location", "function"))
    found = await _search(pool, catalogue, asked, PAGE) if words else ()
    return [entry for entry in found if entry.kind != "service" or entry.id in catalogue.services]


def words_of(query: str) -> tuple[str, ...]:
    """None in what consists of signs alone. Raises Invalid."""
    if len(query) > QUERY_MAX:
        raise Invalid.field("q", f"expected at most {QUERY_MAX} characters")
    return query_words(query)


async def _search(
    pool: Pool, catalogue: Catalogue, query: Query, limit: int, after: Position | None = None
) -> list[FoundEntry]:
    async with pool.acquire() as connection:
        if await store.are_current(connection, catalogue.tenant):
            return await store.search_entries(connection, [catalogue.tenant], query, limit, after)
    await refresh_entries(pool, catalogue.tenant)
    async with pool.acquire() as connection:
        return await store.search_entries(connection, [catalogue.tenant], query, limit, after)


async def refresh_entries(pool: Pool, tenant: str) -> None:
    """After whatever changed the catalogue: none who changes it need think of the search."""
    async with pool.acquire() as connection, connection.transaction():
        if not await store.lock_outdated(connection, tenant):
            return
        await store.replace_entries(connection, tenant, await _read_entries(connection, tenant))


async def _read_entries(connection: Connection, tenant: str) -> list[Entry]:
    profile = await get_profile(connection, tenant)
    clerks = await store.list_clerk_texts(connection, tenant)
    locations = await store.list_location_texts(connection, tenant)
    return [
        *(entry_of_service(text) for text in await store.list_service_texts(connection, tenant)),
        *(entry for text in locations for entry in entries_of_location(text)),
        *entries_of_clerks(clerks, with_names=profile.publishes_clerk_names),
    ]


def _cursor(last: FoundEntry) -> str:
    return write_cursor(Position(last.rank, last.sort_key, last.id))

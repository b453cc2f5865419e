"""Finding a service: by words (also mistyped ones), by letter, by life situation."""

import base64
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from booking.domain.catalogue import Catalogue, Service
from booking.domain.errors import Invalid
from booking.domain.folding import query_words
from booking.store.catalogue import FoundService, ServiceSearch
from booking.store.catalogue import search_services as search_store
from kit.sql import Pool

PAGE = 50
QUERY_MAX = 100


class ServicePage(NamedTuple):
    services: Sequence[Service]
    next_cursor: str | None


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
    if len(query) > QUERY_MAX:
        raise Invalid.field("q", f"expected at most {QUERY_MAX} characters")
    for field, value in (("letter", letter), ("life_situation", life_situation)):
        if value and "\0" in value:  # PostgreSQL's text has no such character
            raise Invalid.field(field, "expected text")
    search = ServiceSearch(
        words=query_words(query),
        letter=letter.upper() if letter else None,
        life_situation=life_situation or None,
        after=_read_cursor(cursor) if cursor else None,
        limit=PAGE + 1,
    )
    async with pool.acquire() as connection:
        found = await search_store(connection, catalogue.tenant, search)
    page = found[:PAGE]
    services = [catalogue.services[item.id] for item in page if item.id in catalogue.services]
    return ServicePage(services, _cursor(page[-1]) if len(found) > PAGE else None)


def _cursor(last: FoundService) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(last)).decode()


def _read_cursor(cursor: str) -> FoundService:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor), type=FoundService)
    except ValueError:
        raise Invalid.field("cursor", "expected a next_cursor of this list") from None

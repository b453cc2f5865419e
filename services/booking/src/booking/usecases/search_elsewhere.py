"""Who else does it: the county what its town does not do, and the towns what is not the county's."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from booking.domain.catalogue import Catalogue
from booking.store.neighbours import list_neighbours
from booking.store.search import FoundEntry, Query, search_entries
from booking.usecases.search_catalogue import refresh_entries, words_of
from kit.sql import Pool

FITS = 150
"""Whoever finds here what is called just so has no need of others."""
RESEMBLES = 560
"""Typed wrongly, and still to be recognised; what fits worse is not shown of others."""
SERVICES_MAX = 3
"""Of one authority."""
AMONG_EQUALS = 30
"""Offices are called differently, so the same service may fit a little worse in the next town."""
FOUND_MAX = 500


class Elsewhere(NamedTuple):
    tenant: str
    tenant_name: str
    service_id: UUID
    service_name: str


async def search_elsewhere(pool: Pool, catalogue: Catalogue, query: str, rank_here: int | None) -> list[Elsewhere]:
    """Only what fits better than all that was found here (`rank_here`), best first. Of one authority a few services;
    of several, which do the same, the best of each. Raises Invalid.
    """
    words = words_of(query)
    if not words or (rank_here is not None and rank_here <= FITS):
        return []
    async with pool.acquire() as connection:
        neighbours = await list_neighbours(connection, catalogue.tenant)
    for neighbour in neighbours:
        if not neighbour.is_current:
            await refresh_entries(pool, neighbour.tenant)
    tenants = [neighbour.tenant for neighbour in neighbours]
    async with pool.acquire() as connection:
        found = await search_entries(connection, tenants, Query(words=words, kinds=("service",)), FOUND_MAX)
    better = [entry for entry in found if entry.rank <= RESEMBLES and (rank_here is None or entry.rank < rank_here)]
    chosen = better[:SERVICES_MAX] if len(neighbours) == 1 else _best_of_each(better, tenants)
    names = {neighbour.tenant: neighbour.name for neighbour in neighbours}
    return [Elsewhere(entry.tenant, names[entry.tenant], entry.id, entry.name) for entry in chosen]


def _best_of_each(found: Sequence[FoundEntry], tenants: Iterable[str]) -> list[FoundEntry]:
    """In the order of the tenants."""
    best: dict[str, FoundEntry] = {}
    for entry in found:
        if entry.rank <= found[0].rank + AMONG_EQUALS:
            best.setdefault(entry.tenant, entry)
    return [best[tenant] for tenant in tenants if tenant in best]

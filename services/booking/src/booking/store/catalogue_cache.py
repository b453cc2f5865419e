"""The catalogue in memory, one copy a process: whether any has changed is asked again when the last look is older than
`age_s`, with one question for all tenants, however many there are.

Of the tenants that were asked for last; the others are read again when somebody comes.
"""

import asyncio
import re
import time
from collections import OrderedDict, defaultdict
from decimal import Decimal
from math import inf

from booking.domain.catalogue import Catalogue, public_part
from booking.domain.errors import NotFound
from booking.store.catalogue import find_state_of_all, find_version, load_catalogue
from kit.sql import Connection, Pool

_SLUG = re.compile(r"[a-z0-9-]{2,40}")


class CatalogueCache:
    def __init__(self, pool: Pool, age_s: float, count_max: int = 500) -> None:
        self._pool = pool
        self._age_s = age_s
        self._count_max = count_max
        self._known: OrderedDict[str, tuple[int, Catalogue]] = OrderedDict()
        """By tenant, with the turn in which its version was asked for; the one asked for last at the end."""
        self._turn = 0
        """Grows when a tenant's catalogue has changed, no matter whose."""
        self._state: Decimal | None = None
        self._looked_at = -inf
        self._looking = asyncio.Lock()
        self._public: dict[str, tuple[Catalogue, Catalogue]] = {}
        """By tenant: the whole that it was made of, and the part that is public."""
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, tenant: str) -> Catalogue:
        """Raises NotFound for a tenant that does not exist."""
        turn = await self._look_for_changes()
        known = self._known.get(tenant)
        if known is not None and known[0] == turn:
            self._known.move_to_end(tenant)
            return known[1]
        if not _SLUG.fullmatch(tenant):
            raise NotFound(f"There is no tenant “{tenant}”.")
        async with self._locks[tenant] if known else asyncio.Lock():
            known = self._known.get(tenant)
            if known is not None and known[0] >= turn:
                return known[1]
            return await self._look(tenant, known[1] if known else None, turn)

    async def get_public(self, tenant: str) -> Catalogue:
        """What citizens find and book. Raises NotFound."""
        whole = await self.get(tenant)
        made_of, part = self._public.get(tenant, (None, whole))
        if made_of is not whole:
            part = public_part(whole)
            self._public[tenant] = (whole, part)
        return part

    async def _look_for_changes(self) -> int:
        """The turn it is now. Who comes while another looks waits for the same answer."""
        came_at = time.monotonic()
        if came_at < self._looked_at + self._age_s:
            return self._turn
        async with self._looking:
            if self._looked_at < came_at:
                looked_at = time.monotonic()
                async with self._pool.acquire() as connection:
                    state = await find_state_of_all(connection)
                self._turn += state != self._state
                self._state, self._looked_at = state, looked_at
        return self._turn

    async def _look(self, tenant: str, known: Catalogue | None, turn: int) -> Catalogue:
        async with self._pool.acquire() as connection:
            version = await find_version(connection, tenant)
            if version is None:
                self._forget(tenant)
                raise NotFound(f"There is no tenant “{tenant}”.")
            if known is None or known.version != version:
                known = await _load(connection, tenant)
        self._keep(tenant, turn, known)
        return known

    def _keep(self, tenant: str, turn: int, catalogue: Catalogue) -> None:
        self._known[tenant] = (turn, catalogue)
        self._known.move_to_end(tenant)
        while len(self._known) > self._count_max:
            self._forget(next(iter(self._known)))

    def _forget(self, tenant: str) -> None:
        self._known.pop(tenant, None)
        self._public.pop(tenant, None)
        self._locks.pop(tenant, None)


async def _load(connection: Connection, tenant: str) -> Catalogue:
    """All of one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        version = await find_version(connection, tenant)
        if version is None:
            raise NotFound(f"There is no tenant “{tenant}”.")
        return await load_catalogue(connection, tenant, version)

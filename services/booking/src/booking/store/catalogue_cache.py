"""The catalogue in memory, one copy a process: its version is asked again when the last look is older than `age_s`."""

import asyncio
import re
import time
from collections import defaultdict

from booking.domain.catalogue import Catalogue, public_part
from booking.domain.errors import NotFound
from booking.store.catalogue import find_version, load_catalogue
from kit.sql import Pool

_SLUG = re.compile(r"[a-z0-9-]{2,40}")


class CatalogueCache:
    def __init__(self, pool: Pool, age_s: float) -> None:
        self._pool = pool
        self._age_s = age_s
        self._known: dict[str, tuple[float, Catalogue]] = {}
        self._public: dict[str, tuple[Catalogue, Catalogue]] = {}
        """By tenant: the whole that it was made of, and the part that is public."""
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, tenant: str) -> Catalogue:
        """Raises NotFound for a tenant that does not exist."""
        known = self._known.get(tenant)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        if not _SLUG.fullmatch(tenant):
            raise NotFound(f"There is no tenant “{tenant}”.")
        async with self._locks[tenant] if known else asyncio.Lock():
            known = self._known.get(tenant)
            if known is not None and time.monotonic() < known[0]:
                return known[1]
            return await self._look(tenant, known[1] if known else None)

    async def get_public(self, tenant: str) -> Catalogue:
        """What citizens find and book. Raises NotFound."""
        whole = await self.get(tenant)
        made_of, part = self._public.get(tenant, (None, whole))
        if made_of is not whole:
            part = public_part(whole)
            self._public[tenant] = (whole, part)
        return part

    async def _look(self, tenant: str, known: Catalogue | None) -> Catalogue:
        looked_at = time.monotonic()
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            version = await find_version(connection, tenant)
            if version is None:
                self._known.pop(tenant, None)
                raise NotFound(f"There is no tenant “{tenant}”.")
            current = known if known and known.version == version else await load_catalogue(connection, tenant, version)
        self._known[tenant] = (looked_at + self._age_s, current)
        return current

"""Holds that arrive at the same time are written together: sixteen in one statement cost little more than a few."""

from collections.abc import Sequence

from booking.store.holds import BATCH_MAX, Wanted, insert_holds
from kit.batches import Batches
from kit.sql import Pool

RUNNERS = 2
"""Batches under way at the same time, in one process."""


class HoldQueue:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batches = Batches(self._insert, at_once=RUNNERS, size_max=BATCH_MAX)

    async def take(self, wanted: Wanted) -> int | None:
        """The lane; null if none was free, or somebody else was quicker. Raises as `insert_hold` does."""
        return await self._batches.take(None, wanted)

    async def _insert(self, _: None, wanted: Sequence[Wanted]) -> list[int | None]:
        async with self._pool.acquire() as connection:
            return await insert_holds(connection, wanted)

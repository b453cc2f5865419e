"""Holds that arrive at the same time are written together, as a database commits in groups.

Most of what a hold costs is the statement, not the rows: sixteen in one cost little more than a few apart. Nobody waits
for a batch to fill: who comes alone goes at once, and who comes while one is under way goes with the next.
"""

import asyncio
from typing import NamedTuple

from booking.store.holds import BATCH_MAX, Wanted, insert_holds
from kit.sql import Pool

RUNNERS = 2
"""Batches under way at the same time, in one process."""


class _Waiting(NamedTuple):
    wanted: Wanted
    lane_id: "asyncio.Future[int | None]"


class HoldQueue:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[_Waiting] = []
        self._runners: set[asyncio.Task[None]] = set()

    async def take(self, wanted: Wanted) -> int | None:
        """The lane; null if none was free, or somebody else was quicker. Raises as `insert_hold` does."""
        waiting = _Waiting(wanted, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if len(self._runners) < RUNNERS:
            runner = asyncio.create_task(self._run())
            self._runners.add(runner)
            runner.add_done_callback(self._runners.discard)
        return await waiting.lane_id

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
            await self._take_all(batch)

    async def _take_all(self, batch: list[_Waiting]) -> None:
        try:
            async with self._pool.acquire() as connection:
                lanes = await insert_holds(connection, [waiting.wanted for waiting in batch])
        except Exception as error:  # noqa: BLE001 - it is whoever waits that must hear of it
            await self._part(batch, error)
            return
        for waiting, lane_id in zip(batch, lanes, strict=True):
            if not waiting.lane_id.done():  # a client that went away is not waiting any more
                waiting.lane_id.set_result(lane_id)

    async def _part(self, batch: list[_Waiting], error: Exception) -> None:
        """One row spoils a statement for all, and nothing was written: each goes by itself, and hears its own error."""
        if len(batch) > 1:
            for waiting in batch:
                await self._take_all([waiting])
        elif not batch[0].lane_id.done():
            batch[0].lane_id.set_exception(error)

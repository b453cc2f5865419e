"""Work that arrives at the same time is done together, as a database commits in groups.

Most of what a small transaction costs is its beginning, its end and the ways there and back, not its rows. Nobody waits
for a batch to fill: who comes alone goes at once, and who comes while one is under way goes with the next.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

import asyncpg

G = TypeVar("G", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")

SIZE_MAX = 32
AWAY = (
    OSError,  # a time-out, too
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
"""The database's own trouble and nobody's item: whoever tried again alone would only wait longer."""


class _Waiting(NamedTuple, Generic[T, R]):
    item: T
    result: "asyncio.Future[R]"


class Batches(Generic[G, T, R]):
    """`at_once` batches of a group at a time, in one process: while they are under way, the next one gathers.

    `work` does a group's items in one transaction: all of them or, when it raises, none. It returns for each, in their
    order, its result or the error that is its own.
    """

    def __init__(
        self,
        work: Callable[[G, Sequence[T]], Awaitable[Sequence[R | Exception]]],
        *,
        at_once: int = 1,
        size_max: int = SIZE_MAX,
    ) -> None:
        self._work = work
        self._at_once, self._size_max = at_once, size_max
        self._waiting: dict[G, list[_Waiting[T, R]]] = {}
        self._running = Counter[G]()
        self._runners: set[asyncio.Task[None]] = set()
        """That nobody clears them away while they run; only `_running` counts."""

    async def take(self, group: G, item: T) -> R:
        waiting = _Waiting[T, R](item, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(group, []).append(waiting)
        if self._running[group] < self._at_once:
            self._running[group] += 1
            runner = asyncio.create_task(self._run(group))
            self._runners.add(runner)
            runner.add_done_callback(self._runners.discard)
        return await waiting.result

    async def _run(self, group: G) -> None:
        """It is counted out in the step that finds nobody: who comes a moment later begins another."""
        try:
            while everybody := self._waiting.pop(group, []):
                if len(everybody) > self._size_max:
                    self._waiting[group] = everybody[self._size_max :]
                await self._do(group, everybody[: self._size_max])
        finally:
            self._running[group] -= 1
            if not self._running[group]:
                del self._running[group]

    async def _do(self, group: G, batch: Sequence[_Waiting[T, R]]) -> None:
        try:
            results = await self._work(group, [waiting.item for waiting in batch])
            pairs = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 - it is whoever waits that must hear of it
            await self._part(group, batch, error)
            return
        except BaseException:
            for waiting in batch:
                waiting.result.cancel()
            raise
        for waiting, result in pairs:
            _give(waiting, result)

    async def _part(self, group: G, batch: Sequence[_Waiting[T, R]], error: Exception) -> None:
        """One spoils a transaction for all, and nothing was done: each goes by itself, and hears its own error."""
        if len(batch) == 1 or isinstance(error, AWAY):
            for waiting in batch:
                _give(waiting, error)
            return
        for waiting in batch:
            await self._do(group, [waiting])


def _give(waiting: _Waiting[T, R], result: R | Exception) -> None:
    if waiting.result.done():
        return  # a client that went away is not waiting any more
    if isinstance(result, Exception):
        waiting.result.set_exception(result)
    else:
        waiting.result.set_result(result)

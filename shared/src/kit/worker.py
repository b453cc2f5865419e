"""A worker process: named loops that run side by side until SIGTERM; a loop that fails is logged and goes on."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import NamedTuple

log = logging.getLogger(__name__)

FAILURE_DELAYS_S = (0.5, 1, 2, 5, 10)


class Loop(NamedTuple):
    """`step` does some work and says how much; after 0 the loop rests for `idle_s`. A consumer's runs for ever."""

    name: str
    step: Callable[[], Awaitable[int | None]]
    idle_s: float


async def run_loops(loops: Sequence[Loop]) -> None:
    """Return when SIGTERM or SIGINT comes, after the steps under way were cancelled."""
    stop = asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(_run(loop), name=loop.name) for loop in loops]
    log.info("worker ready", extra={"loops": [loop.name for loop in loops]})
    await stop.wait()
    await end(tasks)


async def end(tasks: Collection[asyncio.Task[None]], again_after_s: float = 5) -> None:
    """A cancellation may be lost: before Python 3.12 by `wait_for`, when what it waits for fails in the same
    moment, as a server does that is away. Who is still there some time later is cancelled again.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=again_after_s)
    await asyncio.gather(*tasks, return_exceptions=True)


async def _run(loop: Loop) -> None:
    failures = 0
    while True:
        try:
            done = await loop.step()
        except Exception as error:  # noqa: BLE001 - a loop outlives every fault; the cause is logged
            delay_s = FAILURE_DELAYS_S[min(failures, len(FAILURE_DELAYS_S) - 1)]
            failures += 1
            log.warning("loop failed", extra={"loop": loop.name, "cause": repr(error), "retry_s": delay_s})
            await asyncio.sleep(delay_s)
        else:
            failures = 0
            if not done:
                await asyncio.sleep(loop.idle_s)

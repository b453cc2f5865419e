"""A worker process: named loops that run side by side until SIGTERM; a loop that fails is logged and goes on."""

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

log = logging.getLogger(__name__)

FAILURE_DELAYS_S = (0.5, 1, 2, 5, 10)
CANCEL_EVERY_S = 0.2
STOP_TIMEOUT_S = 3


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
    await _end(set(tasks))


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel until they end: a client that closes while its server is away swallows a cancellation (so does `wait_for`
    before Python 3.12, when what it waits for fails in the same moment), and the loop would go on; a database that is
    mute holds up each `finally` anew.
    """
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while tasks and time.monotonic() < deadline:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=CANCEL_EVERY_S)
    if tasks:
        log.error("loops do not end", extra={"loops": [task.get_name() for task in tasks]})


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

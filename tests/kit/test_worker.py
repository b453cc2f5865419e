"""Loops that run side by side end when they are asked to, also one that does not hear it the first time."""

import asyncio

from kit.worker import end


async def deaf() -> None:
    """As `asyncio.wait_for` before Python 3.12, when what it waits for fails in the same moment."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.Event().wait()


async def test_who_loses_the_first_word_is_told_again() -> None:
    tasks = [asyncio.create_task(deaf()), asyncio.create_task(asyncio.Event().wait())]
    await asyncio.sleep(0)
    await asyncio.wait_for(end(tasks, again_after_s=0.01), 5)
    assert [task.cancelled() for task in tasks] == [True, True]


async def test_what_fails_while_it_ends_keeps_nobody() -> None:
    async def fail() -> None:
        raise ValueError

    await end([asyncio.create_task(fail())])

"""Waiting for what another process or task does: on a condition, never for a fixed time."""

import asyncio
import time
from collections.abc import Callable
from inspect import isawaitable
from typing import Any


async def eventually(check: Callable[[], Any], timeout_s: float = 20) -> Any:
    """Ask until the answer is true, without holding up the test's own event loop. `check` may be a coroutine function.

    Raises TimeoutError, with the last answer as a note.
    """
    answer, deadline = None, time.monotonic() + timeout_s
    try:
        async with asyncio.timeout(timeout_s):
            while not (answer := await _answer_of(check)):
                if time.monotonic() > deadline:  # `wait_for` before Python 3.12 may swallow the cancellation
                    raise TimeoutError
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        error.add_note(f"still {answer!r} after {timeout_s} s")
        raise
    return answer


async def _answer_of(check: Callable[[], Any]) -> Any:
    answer = check()
    return await answer if isawaitable(answer) else answer


def wait_until(check: Callable[[], Any], timeout_s: float = 15) -> Any:
    """The same where no event loop runs. Raises TimeoutError that says the last answer."""
    deadline = time.monotonic() + timeout_s
    while not (answer := check()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {answer!r} after {timeout_s} s")
        time.sleep(0.1)
    return answer

"""Waiting for what another process or task does: on a condition, never for a fixed time."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from inspect import isawaitable
from typing import Any


async def eventually(check: Callable[[], Any], timeout_s: float = 20) -> Any:
    """Ask until the answer is true, without holding up the test's own event loop. `check` may be a coroutine function.

    Raises TimeoutError that says the last answer.
    """
    answer, deadline = None, time.monotonic() + timeout_s
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            # Compared as well: what is asked may swallow the cancellation (`wait_for` does before Python 3.12).
            while not (answer := await _answer_of(check)) and time.monotonic() < deadline:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.05)
    if not answer:
        raise TimeoutError(f"still {answer!r} after {timeout_s} s")
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

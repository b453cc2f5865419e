import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


async def run_each(due: Sequence[T], work: Callable[[T], Awaitable[object]]) -> int:
    """Side by side, and each for itself: one that fails is logged, is due again later, and holds up no other."""
    outcomes = await asyncio.gather(*(work(found) for found in due), return_exceptions=True)
    for found, outcome in zip(due, outcomes, strict=True):
        if isinstance(outcome, Exception):
            log.error("left for later", exc_info=outcome, extra={"due": str(found)})
        elif isinstance(outcome, BaseException):
            raise outcome
    return len(due)

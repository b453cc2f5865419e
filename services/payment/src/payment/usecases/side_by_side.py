import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

log = logging.getLogger(__name__)


async def run_each(ids: Sequence[UUID], work: Callable[[UUID], Awaitable[None]]) -> int:
    """Side by side, and each for itself: one that fails is logged, is due again later, and holds up no other."""
    outcomes = await asyncio.gather(*(work(id_) for id_ in ids), return_exceptions=True)
    for id_, outcome in zip(ids, outcomes, strict=True):
        if isinstance(outcome, Exception):
            log.error("left for later", exc_info=outcome, extra={"id": str(id_)})
        elif isinstance(outcome, BaseException):
            raise outcome
    return len(ids)

"""Looks at what webhooks told of, in the web process that took them: one for all that came about the same meanwhile.

Whatever is left out here is not lost: it was made due together with the webhook, and the sweeper takes it.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from typing import cast

from payment.domain.settlement import Miss
from payment.usecases.take_webhook import ProviderAccount, Taken, follow_up
from payment.usecases.tools import Tools

log = logging.getLogger(__name__)

LOOKS_MAX = 2
"""Side by side, in one process."""
REST_S = 0.1
"""After each look: taking comes first, and a look costs as much as taking several. In a flood the sweeper helps."""
WAITING_MAX = 1_000
PAUSE_S = 5.0
"""An account whose provider does not answer is left to the sweeper for so long: its patience grows with each miss."""


class FollowUps:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._waiting: dict[Taken, asyncio.Event] = {}
        self._under_way: set[Taken] = set()
        self._runners: set[asyncio.Task[None]] = set()
        self._away_until: dict[ProviderAccount, float] = {}

    async def look(self, taken: Taken) -> None:
        """Return when it was looked at, or at once where somebody else will. What is under way may have been read
        before this webhook came: it is looked at once more.
        """
        if not taken.is_news or taken in self._waiting or len(self._waiting) >= WAITING_MAX or self._is_away(taken):
            return
        done = self._waiting[taken] = asyncio.Event()
        if len(self._runners) < LOOKS_MAX:
            self._runners.add(asyncio.create_task(self._run()))
        await done.wait()

    async def close(self) -> None:
        runners = list(self._runners)
        for runner in runners:
            runner.cancel()
        await asyncio.gather(*runners, return_exceptions=True)
        for done in self._waiting.values():
            done.set()

    async def _run(self) -> None:
        """Whoever finds nothing more to do is gone in the same step: nobody counts on a runner that has ended."""
        try:
            while taken := next((one for one in self._waiting if one not in self._under_way), None):
                await self._look_once(taken)
                await asyncio.sleep(REST_S)
        finally:
            self._runners.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _look_once(self, taken: Taken) -> None:
        done = self._waiting.pop(taken)
        self._under_way.add(taken)
        try:
            await self._look(taken)
        finally:
            self._under_way.remove(taken)
            done.set()

    async def _look(self, taken: Taken) -> None:
        if self._is_away(taken):
            return
        try:
            outcome = await follow_up(self._tools, taken)
        except Exception:
            log.exception("left to the sweeper", extra=taken.account._asdict())
            return
        if isinstance(outcome, Miss):
            self._away_until[taken.account] = time.monotonic() + PAUSE_S

    def _is_away(self, taken: Taken) -> bool:
        return self._away_until.get(taken.account, 0.0) > time.monotonic()


@contextlib.asynccontextmanager
async def open_follow_ups(tools: Tools) -> AsyncIterator[FollowUps]:
    follow_ups = FollowUps(tools)
    try:
        yield follow_ups
    finally:
        await follow_ups.close()

"""Answers that may be a moment old: a list of free times is only a hint, keeping decides."""

import asyncio
import time
from collections.abc import Awaitable, Callable

ENTRIES_MAX = 2_000


class ShortCache:
    """Keeps an answer for `age_s` seconds from when it was asked for; who asks meanwhile waits for the same one."""

    def __init__(self, age_s: float) -> None:
        self._age_s = age_s
        self._entries: dict[str, tuple[float, asyncio.Future[bytes]]] = {}

    async def get(self, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        if self._age_s <= 0:
            return await make()
        entry = self._entries.get(key)
        if entry is not None and time.monotonic() < entry[0]:
            return await asyncio.shield(entry[1])
        task = asyncio.ensure_future(make())
        self._put(key, task)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._entries.pop(key, None)
            raise

    def _put(self, key: str, task: asyncio.Future[bytes]) -> None:
        if len(self._entries) >= ENTRIES_MAX:
            now = time.monotonic()
            self._entries = {key: entry for key, entry in self._entries.items() if entry[0] > now}
            if len(self._entries) >= ENTRIES_MAX:
                self._entries.clear()
        self._entries[key] = (time.monotonic() + self._age_s, task)

"""What a long command is doing, for whoever waits at its terminal: a bar, or lines where the output is no terminal."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TextIO

Phases = Callable[[str], AbstractAsyncContextManager[None]]
"""`async with phases("writing"):` tells that this goes on now."""
_WIDTH = 20


def silent(_name: str) -> AbstractAsyncContextManager[None]:
    return contextlib.nullcontext()


class Progress:
    """Of a number of phases known beforehand. The seconds are counted while a phase goes on."""

    def __init__(self, count: int, out: TextIO) -> None:
        self._count = count
        self._done = 0
        self._out = out

    @asynccontextmanager
    async def phase(self, name: str) -> AsyncIterator[None]:
        began = time.monotonic()
        self._show(name, 0)
        ticking = asyncio.create_task(self._tick(name, began))
        try:
            yield
        finally:
            ticking.cancel()
            self._done += 1
        self._finish(name, time.monotonic() - began)

    async def _tick(self, name: str, began: float) -> None:
        while True:
            await asyncio.sleep(1)
            self._show(name, time.monotonic() - began)

    def _show(self, name: str, seconds: float) -> None:
        line = f"{self._done + 1}/{self._count} {name}" + (f" … {seconds:.0f} s" if seconds else "")
        if self._out.isatty():
            filled = _WIDTH * self._done // self._count
            self._out.write(f"\r[{'#' * filled}{'.' * (_WIDTH - filled)}] {line}\x1b[K")
        else:
            self._out.write(f"{line}\n")
        self._out.flush()

    def _finish(self, name: str, seconds: float) -> None:
        if self._out.isatty():
            self._show(name, seconds)
            self._out.write("\n" if self._done >= self._count else "")

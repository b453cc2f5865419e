"""A wire between us and a server that may fall dead, or leave out words of the server's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Wire:
    def __init__(self, to: int, unsaid: bytes) -> None:
        self._to = to
        self._unsaid = unsaid
        self._alive = asyncio.Event()
        self._alive.set()
        self._ends: list[asyncio.StreamWriter] = []
        self.port = 0

    def die(self) -> None:
        """Nothing gets through any more, and nobody is told."""
        self._alive.clear()

    def heal(self) -> None:
        self._alive.set()

    def cut(self) -> None:
        for writer in self._ends:
            writer.close()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        self._ends += [writer, far_writer]
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._alive.wait()
                writer.write(data.replace(self._unsaid, b"") if self._unsaid else data)
        except ConnectionError:
            return
        finally:
            writer.close()


@asynccontextmanager
async def wire(to: int, unsaid: bytes = b"") -> AsyncIterator[Wire]:
    between = Wire(to, unsaid)
    server = await asyncio.start_server(between.join, "127.0.0.1", 0)
    between.port = server.sockets[0].getsockname()[1]
    try:
        yield between
    finally:
        between.heal()
        between.cut()
        server.close()

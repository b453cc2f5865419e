"""Small servers of a test's own, which leave no connection behind: one that is open when the test's loop ends becomes
a warning in some later test.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def stream_server(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Yields the port. A connection ends with its answer, however that ends, or with the server."""
    connected: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connected[writer] = task
        with suppress(ConnectionError, asyncio.IncompleteReadError):  # the client is gone
            try:
                await answer(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()
                del connected[writer]

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0)  # who was being let in is in now
        for writer, task in list(connected.items()):
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*connected.values(), return_exceptions=True)
        await server.wait_closed()

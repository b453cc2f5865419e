"""A worker ends on SIGTERM, whatever is away, within some seconds."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.support.database import Database
from tests.support.waiting import eventually
from tests.support.worker import free_port, worker

END_MAX_S = 8
"""A supervisor kills after ten, or thirty: the demo's, systemd's, Kubernetes'."""

KEYS = dict.fromkeys(("LINK_KEY", "STAFF_KEY", "SERVICE_TOKEN"), "k" * 32)

STUBBORN = """
import asyncio
from kit.worker import Loop, run_loops

async def hear():
    print("ready", flush=True)
    try:
        await asyncio.sleep(3600)
    finally:  # as a NATS client does that is closed while its server is away
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass
        raise ConnectionError

asyncio.run(run_loops([Loop("hear", hear, 1)]))
"""


class Relay:
    """A database that can fall silent: it takes connections and what is said to it, and answers no more."""

    def __init__(self, real: str) -> None:
        self._real = real
        self.is_mute = False
        self.was_asked = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_unix_connection(self._real)
        await asyncio.gather(self._carry(reader, outer), self._carry(inner, writer))

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            self.was_asked.set()
            if not self.is_mute:
                sink.write(data)
        sink.close()


@asynccontextmanager
async def relayed(database: Database, folder: Path) -> AsyncIterator[tuple[str, Relay]]:
    (host,) = parse_qs(urlsplit(database.url).query)["host"]
    relay = Relay(f"{host}/.s.PGSQL.5432")
    async with await asyncio.start_unix_server(relay.answer, folder / ".s.PGSQL.5432"):
        yield database.url.replace(host, str(folder)), relay


async def is_ready(folder: Path) -> bool:
    return b"worker ready" in (folder / "worker.log").read_bytes()


async def test_a_loop_that_swallows_its_cancellation_is_cancelled_again() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", STUBBORN, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(END_MAX_S):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()


async def test_a_worker_ends_though_its_database_is_mute_and_nats_is_away(
    booking_database: Database, tmp_path: Path
) -> None:
    async with relayed(booking_database, tmp_path) as (url, relay):
        environment = {"DATABASE_URL": url, "NATS_URL": f"nats://127.0.0.1:{free_port()}"} | KEYS
        async with worker("booking", environment, tmp_path) as process:
            await eventually(lambda: is_ready(tmp_path))
            relay.is_mute = True
            relay.was_asked.clear()
            await asyncio.wait_for(relay.was_asked.wait(), 20)
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(END_MAX_S):
                    assert await process.wait() == 0
            finally:
                if process.returncode is None:
                    process.kill()

"""Mails rendered, stored, sent and settled, by one and by two workers, beside what postfix's source and sink can do.

Each notice asks for a letter and becomes two mails, a confirmation with `termin.ics` and a clerk's invitation. The mail
server is `smtp-sink`, the letters come from a process that has them ready, NATS is the real one.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

from tests.bench.machines import free_port
from tests.notify.letters import TENANT

from contracts.tenant import TenantsFile
from demo.engines import Nats, Postgres, create_databases
from kit.migrate import migrate
from kit.sql import Pool, open_pool
from notify.usecases.configure import configure

NOTICES = 600
SOURCE_MAILS = 20_000
SIZE = 7_000
"""Bytes of one of our mails, about."""
KEY = "bench-key-of-notify"
_SBIN = "/usr/sbin:/sbin"


def measure(server: Postgres, folder: Path) -> tuple[dict[str, float], dict[str, float]] | None:
    """Figures and ratios; None: postfix's programs are not here."""
    sink, source = (shutil.which(name, path=f"{os.environ['PATH']}:{_SBIN}") for name in ("smtp-sink", "smtp-source"))
    if sink is None or source is None:
        print("  left out: Debian's package postfix is not here (smtp-sink, smtp-source)", flush=True)
        return None
    create_databases(server, ["notify"])
    asyncio.run(migrate(server.url("notify_owner", "notify"), ["kit", "notify"], "notify_app"))
    smtp_port, letters_port = free_port(), free_port()
    figures: dict[str, float] = {}
    with ExitStack() as stack:
        stack.enter_context(_running([sink, *_rights(), f"inet:127.0.0.1:{smtp_port}", "100"]))
        stack.enter_context(_running([sys.executable, "-m", "tests.bench.letters", str(letters_port)]))
        nats = stack.enter_context(_nats(folder))
        environment = _environment(server, nats, smtp_port, letters_port)
        owner = server.url("notify_owner", "notify")
        figures["source_to_sink"] = _source(source, smtp_port)
        for workers in (1, 2):
            figures[f"mails_{workers}"] = asyncio.run(_mails(owner, environment, workers))
    for name, value in figures.items():
        print(f"  {name.ljust(20)}per_s {value:10,.1f}", flush=True)
    rounded = {name: round(value, 1) for name, value in figures.items()}
    return rounded, {
        "mails_per_s": rounded["mails_2"],
        "mails_vs_source": round(figures["mails_2"] / figures["source_to_sink"], 3),
    }


def _rights() -> list[str]:
    return ["-u", "nobody"] if os.geteuid() == 0 else []


@contextmanager
def _running(command: list[str], environment: dict[str, str] | None = None) -> Iterator[None]:
    process = subprocess.Popen(command, env=os.environ | (environment or {}), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


@contextmanager
def _nats(folder: Path) -> Iterator[Nats]:
    nats = Nats(folder / "nats", free_port())
    nats.start()
    try:
        yield nats
    finally:
        nats.stop()


def _environment(server: Postgres, nats: Nats, smtp_port: int, letters_port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": server.url("notify_app", "notify"),
        "NATS_URL": nats.url,
        "LOG_LEVEL": "ERROR",
        "LINK_KEY": KEY,
        "STAFF_KEY": KEY,
        "SERVICE_TOKEN": KEY,
        "BOOKING_URL": f"http://127.0.0.1:{letters_port}",
        "SMTP_PORT": str(smtp_port),
        "SMTP_TLS": "none",
    }


def _source(program: str, port: int) -> float:
    """Four sessions, as one of our workers has; a connection is used for one mail, as smtp-source does."""
    deadline = time.monotonic() + 10
    while subprocess.run([program, f"inet:127.0.0.1:{port}"], capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            raise RuntimeError("smtp-sink does not answer")
    command = [program, "-d", "-s", "4", "-m", str(SOURCE_MAILS), "-l", str(SIZE), f"inet:127.0.0.1:{port}"]
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return SOURCE_MAILS / (time.monotonic() - began)


async def _mails(owner: str, environment: dict[str, str], workers: int) -> float:
    async with open_pool(owner, size_max=2) as pool:
        await configure(pool, TenantsFile((TENANT,)))
        await _fill(pool, workers)
        with ExitStack() as stack:
            for _ in range(workers):
                stack.enter_context(_running([sys.executable, "-m", "notify", "work"], environment))
            await _all_settled(pool)
        return await _speed(pool)


async def _fill(pool: Pool, seed: int) -> None:
    await pool.execute("TRUNCATE delivery, named_citizen, notice, appointment, outbox, inbox")
    ids = [UUID(int=seed * NOTICES + number + 1) for number in range(NOTICES)]
    await pool.execute(
        "WITH new AS (INSERT INTO appointment (id, tenant, version, state, updated_at)"
        " SELECT id, $2, 3, 'confirmed', now() FROM unnest($1::uuid[]) AS id RETURNING id)"
        " INSERT INTO notice (id, tenant, appointment_id, type, version, occurred_at, due_at, created_at)"
        " SELECT id, $2, id, 'appointment.confirmed', 3, now(), now(), now() FROM new",
        ids,
        TENANT.slug,
    )
    await pool.execute("ANALYZE appointment, notice")  # not what is empty: the planner would believe that it stays so


async def _all_settled(pool: Pool) -> None:
    async with asyncio.timeout(300):
        while await pool.fetchval("SELECT count(*) FROM delivery WHERE state = 'accepted'") < 2 * NOTICES:  # noqa: ASYNC110 - the workers are processes of their own
            await asyncio.sleep(0.5)


async def _speed(pool: Pool) -> float:
    """From the first settled to the last: starting a worker is not measured."""
    seconds: float = await pool.fetchval(
        "SELECT extract(epoch FROM max(settled_at) - min(settled_at))::float8 FROM delivery"
    )
    return 2 * NOTICES / seconds

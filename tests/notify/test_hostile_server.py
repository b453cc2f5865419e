"""Two workers against postfix's hostile sink, killed at random: nothing lost, and of one mail one Message-ID."""

import asyncio
import os
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from tests.notify.conftest import KEY, Notify
from tests.notify.letters import a_citizen, a_letter
from tests.notify.peers import TOKEN
from tests.notify.postfix import Dumped, Sink, hostile_sink
from tests.support.database import Database
from tests.support.waiting import eventually
from tests.support.worker import free_port, worker

from contracts.booking import CalendarEntry
from kit.clock import system_clock
from notify.usecases.claim_deliveries import LEASE

SECONDS = float(os.environ.get("SOAK_KILL_S", "4"))
MAILS = int(SECONDS * 10)
MANNERS = (
    ("-r", "MAIL"),
    ("-r", "RCPT"),
    ("-r", "DATA"),
    ("-r", "."),
    ("-Q", "RCPT"),
    ("-Q", "."),
    ("-q", "MAIL"),
    ("-q", "DATA"),
    ("-q", "."),
    ("-W", ".:3"),  # longer than the worker waits
    ("-w", "3"),
    ("-f", "MAIL"),  # it refuses us: no mail's fault
    (),
)
"""smtp-sink's: 4xx, 421, a connection broken off before, at and after DATA, answers that come too late, all well."""


async def hear(notify: Notify, number: int) -> None:
    """A confirmation to a citizen of its own."""
    entry = CalendarEntry(uid=f"citizen-{number}@heinsberg.example", sequence=0)
    citizen = a_citizen(email=f"citizen-{number}@example.org", calendar=entry)
    start = system_clock() + timedelta(days=7)  # the workers' clock is no test's
    end = start + timedelta(minutes=20)
    letter = a_letter(appointment_id=UUID(int=number + 1), citizen=citizen, start=start, end=end, clerks=())
    await notify.hear("appointment.confirmed", letter)
    await notify.prepare()


async def time_passes(notify: Notify) -> None:
    """Leases of the dead run out, tries and probes are due: what takes hours takes no time here.

    A lease taken 2 s ago is most likely a dead one's, since the workers wait 1 s for the server. If it is not, so much
    the harder for them.
    """
    await notify.pool.execute(
        "UPDATE delivery SET lease_until = now() WHERE state = 'claimed' AND lease_until < now() + $1::interval",
        LEASE - timedelta(seconds=2),
    )
    await notify.pool.execute("UPDATE delivery SET due_at = now() WHERE state IN ('retry_wait', 'unknown')")
    await notify.pool.execute("UPDATE relay_pause SET until = now()")


@asynccontextmanager
async def sender(database: Database, port: int, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        "DATABASE_URL": database.url,
        "NATS_URL": f"nats://127.0.0.1:{free_port()}",  # away, and nobody waits for it
        "LINK_KEY": KEY,
        "STAFF_KEY": KEY,
        "SERVICE_TOKEN": TOKEN,
        "SMTP_PORT": str(port),
        "SMTP_TLS": "none",
        "SMTP_TIMEOUT_S": "1",
        "SMTP_CONNECTIONS": "2",
    }
    async with worker("notify", environment, folder) as process:
        yield process


async def killed_at_random(database: Database, port: int, folder: Path, until: float) -> None:
    while time.monotonic() < until:
        async with sender(database, port, folder) as process:
            await asyncio.sleep(random.uniform(1.5, 4))  # the moment of the kill, not a wait for something
            process.kill()
            await process.wait()


async def misbehave(sink: Sink, notify: Notify, until: float) -> None:
    """Each manner once before any comes again."""
    manners = list(MANNERS)
    while manners or time.monotonic() < until:
        manners = manners or list(MANNERS)
        await sink.behave(*manners.pop(random.randrange(len(manners))))
        for _ in range(4):
            await time_passes(notify)
            await asyncio.sleep(SECONDS / len(MANNERS) / 4)


async def test_nothing_is_lost_and_no_mail_has_two_message_ids(
    notify: Notify, notify_database: Database, tmp_path: Path
) -> None:
    notify.clock.now = system_clock()
    for number in range(MAILS):
        await hear(notify, number)
    async with hostile_sink() as sink:
        until = time.monotonic() + SECONDS
        killers = [killed_at_random(notify_database, sink.port, tmp_path, until) for _ in range(2)]
        await asyncio.gather(misbehave(sink, notify, until), *killers)
        await sink.behave()
        async with sender(notify_database, sink.port, tmp_path):

            async def settled() -> bool:
                await time_passes(notify)
                return await notify.pool.fetchval("SELECT bool_and(settled_at IS NOT NULL) FROM delivery") is True

            await eventually(settled, timeout_s=60)
        await judge(notify, sink.taken())


async def judge(notify: Notify, taken: list[Dumped]) -> None:
    rows = await notify.pool.fetch("SELECT id, recipient, state, message FROM delivery")
    assert {row["state"] for row in rows} == {"accepted"}
    copies: dict[str, set[tuple[str, str, bytes]]] = defaultdict(set)
    for dumped in taken:
        copies[dumped.recipient].add((dumped.message_id, dumped.mail_args.split()[1], dumped.message.rstrip(b"\n")))
    for row in rows:
        as_stored = bytes(row["message"]).replace(b"\r\n", b"\n").rstrip(b"\n")
        expected = (f"{row['id']}@schalter.example", f"ENVID={row['id'].hex}", as_stored)
        assert expected in copies[row["recipient"]]
        assert {message_id for message_id, _, _ in copies[row["recipient"]]} == {expected[0]}
    assert len(copies) == MAILS

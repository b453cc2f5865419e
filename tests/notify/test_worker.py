"""The worker as a process: killed in the middle of a mail, and with NATS coming late."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import nats
from tests.notify.conftest import KEY
from tests.notify.letters import TENANT, a_letter, an_event
from tests.notify.peers import TOKEN, MailServer, letter_server
from tests.support.database import Database
from tests.support.waiting import eventually
from tests.support.worker import free_port, worker

from contracts.booking import STREAM, SUBJECT_PREFIX
from contracts.tenant import TenantsFile
from demo.engines import Nats
from kit.clock import system_clock
from kit.events import ensure_stream
from kit.sql import Pool
from notify.usecases.configure import configure
from notify.usecases.take_event import take_event

START = datetime.now(UTC) + timedelta(days=7)
LETTER = a_letter(start=START, end=START + timedelta(minutes=20), clerks=())


def environment_of(database: Database, mail: MailServer, booking_url: str, nats_port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": database.url,
        "NATS_URL": f"nats://127.0.0.1:{nats_port}",
        "LINK_KEY": KEY,
        "STAFF_KEY": KEY,
        "SERVICE_TOKEN": TOKEN,
        "BOOKING_URL": booking_url,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail.port),
        "SMTP_TLS": "none",
    }


async def test_killed_between_the_dot_and_its_answer_the_same_bytes_go_again(
    notify_database: Database, notify_pool: Pool, mail: MailServer, tmp_path: Path
) -> None:
    await configure(notify_pool, TenantsFile((TENANT,)))
    async with letter_server() as booking:
        booking.letter = LETTER
        mail.data.append("stall")
        environment = environment_of(notify_database, mail, booking.url, free_port())
        async with notify_pool.acquire() as connection, connection.transaction():
            await take_event(connection, an_event("appointment.confirmed", LETTER), system_clock)

        async def taken(count: int) -> bool:
            return len(mail.taken) == count

        async with worker("notify", environment, tmp_path) as process:
            await eventually(lambda: taken(1))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        assert await notify_pool.fetchval("SELECT state FROM delivery") == "claimed"
        await notify_pool.execute("UPDATE delivery SET lease_until = now()")  # time passes
        async with worker("notify", environment, tmp_path):
            await eventually(lambda: taken(2))

            async def settled() -> bool:
                return bool(await notify_pool.fetchval("SELECT state FROM delivery") == "accepted")

            await eventually(settled)
    assert mail.taken[0] == mail.taken[1]
    assert b"Message-ID: <" in mail.taken[0][2]


async def test_nats_that_comes_late_delays_and_loses_nothing(
    notify_database: Database, notify_pool: Pool, mail: MailServer, tmp_path: Path
) -> None:
    await configure(notify_pool, TenantsFile((TENANT,)))
    port = free_port()
    engine = Nats(tmp_path / "nats", port)
    async with letter_server() as booking:
        booking.letter = LETTER
        async with worker("notify", environment_of(notify_database, mail, booking.url, port), tmp_path):
            await asyncio.sleep(1)
            engine.start()
            try:
                await publish(engine.url)

                async def arrived() -> bool:
                    return [to for _, to, _ in mail.taken] == ["erika.mustermann@example.org"]

                await eventually(arrived)
            finally:
                engine.stop()
    assert await notify_pool.fetchval("SELECT count(*) FROM inbox") == 2


async def publish(url: str) -> None:
    """One event of a booking that knows more than we do: a field and a type that are new."""
    client = await nats.connect(url)
    stream = client.jetstream()
    await ensure_stream(stream, STREAM, [f"{SUBJECT_PREFIX}>"])
    known = an_event("appointment.confirmed", LETTER)
    body = msgspec.to_builtins(known) | {"mood": "new"}
    for id_, subject in ((str(known.id), known.type), ("0195e000-0000-7000-8000-00000000000f", "appointment.danced")):
        payload = msgspec.json.encode(body | {"id": id_, "type": subject})
        await stream.publish(SUBJECT_PREFIX + subject, payload, headers={"Nats-Msg-Id": id_})
    await client.close()

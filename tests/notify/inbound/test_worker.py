"""The worker as a process, killed with a mail in hand: fetched, and not yet written down."""

import asyncio
import signal
from datetime import timedelta
from functools import partial
from pathlib import Path

from tests.notify.conftest import KEY, Notify
from tests.notify.inbound.peers import DONE, deliver_until_taken, demo_peer, is_free
from tests.notify.inbound.samples import an_answer
from tests.notify.letters import a_clerk, a_letter
from tests.notify.peers import TOKEN
from tests.support.database import Database
from tests.support.waiting import eventually
from tests.support.worker import free_port, worker

from kit.clock import system_clock
from notify.mail.imap import ImapAccount


def environment_of(database: Database, account: ImapAccount) -> dict[str, str]:
    return {
        "DATABASE_URL": database.url,
        "NATS_URL": f"nats://127.0.0.1:{free_port()}",
        "LINK_KEY": KEY,
        "STAFF_KEY": KEY,
        "SERVICE_TOKEN": TOKEN,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": "1",
        "IMAP_HOST": account.host,
        "IMAP_PORT": str(account.port),
        "IMAP_USER": account.user,
        "IMAP_PASSWORD": account.password,
        "IMAP_CA_FILE": str(account.ca_file),
        "IMAP_DONE_FOLDER": account.done_folder,
        "IMAP_POLL_S": "0.1",
    }


async def test_killed_with_a_mail_in_hand_it_is_taken_once(
    notify: Notify, notify_database: Database, tmp_path: Path
) -> None:
    notify.clock.now = system_clock()  # as the worker's, whose sweep forgets what is long past
    times = {"start": notify.clock() + timedelta(days=7), "end": notify.clock() + timedelta(days=7, minutes=20)}
    await notify.tell("appointment.confirmed", a_letter(clerks=(a_clerk(**times),), **times))

    async def waits() -> bool:
        return bool(
            await notify.pool.fetchval(
                "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database"
                " WHERE NOT granted AND datname = current_database())"
            )
        )

    async with demo_peer(tmp_path) as peer:
        await peer.deliver(an_answer())
        environment = environment_of(notify_database, peer.account)
        async with notify.pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE clerk_answer IN SHARE MODE")  # its effect cannot be written
            async with worker("notify", environment, tmp_path) as process:
                await eventually(waits)
                process.send_signal(signal.SIGKILL)
                await process.wait()
        assert await peer.list() == [an_answer()]
        assert await notify.pool.fetchval("SELECT count(*) FROM inbound_mail") == 0
        await notify.pool.execute("UPDATE mailbox_cursor SET lease_until = now() - interval '1 second'")  # time passes

        async def filed() -> bool:
            return await peer.list(DONE) == [an_answer()]

        async with worker("notify", environment, tmp_path):
            await eventually(filed)
        assert await peer.list() == []
    assert await notify.pool.fetchval("SELECT count(*) FROM outbox WHERE subject = 'notify.clerk_declined'") == 1


async def test_asked_to_stop_while_it_listens_it_goes_at_once(
    notify: Notify, notify_database: Database, tmp_path: Path
) -> None:
    async with demo_peer(tmp_path) as peer:
        environment = environment_of(notify_database, peer.account) | {"IMAP_POLL_S": "3600"}
        async with worker("notify", environment, tmp_path) as process:
            for _ in range(2):  # the second is told by the server
                await deliver_until_taken(peer, notify.pool)
            await eventually(partial(is_free, notify.pool))
            process.terminate()
            await asyncio.wait_for(process.wait(), 5)

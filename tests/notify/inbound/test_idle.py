"""A server that tells of new mail (IDLE, RFC 2177) is listened to between two looks; the looks stay, for all others."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from imapclient import IMAPClient
from tests.notify.conftest import Notify
from tests.notify.inbound.peers import DONE, Peer, deliver_until_taken, demo_peer, is_free, is_newer, reading_of
from tests.notify.inbound.samples import a_mail, an_answer
from tests.notify.inbound.wire import wire
from tests.support.waiting import eventually

from notify.mail.imap import ImapAccount, Inbox
from notify.usecases.read_mailbox import Reading, read_mailbox

AN_HOUR_S = 3_600


@asynccontextmanager
async def listening(reading: Reading, rest_s: float = AN_HOUR_S) -> AsyncIterator["asyncio.Task[int]"]:
    task = asyncio.create_task(read_mailbox(reading._replace(rest_s=rest_s)))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_comes_while_the_reader_rests_is_taken_at_once(peer: Peer, reading: Reading) -> None:
    await peer.deliver(an_answer())
    async with listening(reading):
        await eventually(partial(filed, peer))
        for _ in range(3):
            await deliver_until_taken(peer, reading.pool)
        await eventually(partial(is_free, reading.pool))  # who listens does not look


async def filed(peer: Peer) -> bool:
    return await peer.list(DONE) == [an_answer()]


async def test_who_listens_keeps_nobody_from_looking(peer: Peer, reading: Reading) -> None:
    async with listening(reading), listening(reading):
        for _ in range(2):
            await deliver_until_taken(peer, reading.pool)
    assert await reading.pool.fetchval("SELECT count(*) FROM inbound_mail WHERE reason = 'again'") == 0


async def test_a_server_that_does_not_tell_is_asked_at_each_look(
    notify: Notify, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with demo_peer(tmp_path, tls="none") as peer, wire(peer.account.port, unsaid=b" IDLE") as line:
        account = msgspec.structs.replace(peer.account, port=line.port)
        reading = reading_of(notify.pool, notify.clock, account)._replace(rest_s=AN_HOUR_S)
        for number in range(2):
            await peer.deliver(a_mail(X_Number=str(number)))
            assert await asyncio.wait_for(read_mailbox(reading), 10) == 1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_what_was_told_to_nobody_is_found_after_the_rest(peer: Peer, reading: Reading) -> None:
    async with listening(reading, rest_s=0.1):
        for number in range(3):
            await peer.deliver(a_mail(X_Number=str(number)))
            await eventually(partial(is_newer, reading.pool, number))


async def test_a_connection_that_is_dead_is_noticed(peer: Peer, reading: Reading) -> None:
    async with wire(peer.account.port) as line:
        account = msgspec.structs.replace(peer.account, port=line.port, timeout_s=0.5)
        async with listening(reading._replace(account=account), rest_s=0.2) as task:
            await deliver_until_taken(peer, reading.pool)
            line.die()
            await asyncio.wait_for(task, 10)
        line.heal()
        await peer.deliver(an_answer())
        assert await read_mailbox(reading._replace(account=account)) >= 1


async def test_a_connection_that_ends_is_noticed_however_long_the_rest(peer: Peer, reading: Reading) -> None:
    async with wire(peer.account.port) as line:
        account = msgspec.structs.replace(peer.account, port=line.port)
        async with listening(reading._replace(account=account)) as task:
            await deliver_until_taken(peer, reading.pool)
            line.cut()
            await asyncio.wait_for(task, 10)


class Recorder:
    """A client that says how long it was to wait."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def idle(self) -> None:
        self.calls.append(("idle", None))

    def idle_check(self, timeout: float) -> list[object]:
        self.calls.append(("idle_check", timeout))
        return []

    def idle_done(self) -> None:
        self.calls.append(("idle_done", None))


async def test_no_wait_is_longer_than_servers_bear() -> None:
    client = Recorder()
    account = ImapAccount(host="x", port=1, user="x", password="x")
    await Inbox(cast("IMAPClient", client), account, 1, tells_of_new=True).wait_for_new(AN_HOUR_S)
    (begun, (_, seconds), ended) = client.calls
    assert (begun[0], ended[0]) == ("idle", "idle_done")
    assert 60 < seconds < 29 * 60

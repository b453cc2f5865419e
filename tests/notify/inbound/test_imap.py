"""The service mailbox read by IMAP: one suite over the demo's server and, where it is installed, Debian's dovecot."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from tests.notify.certificates import make_certificate
from tests.notify.conftest import Notify
from tests.notify.inbound.peers import DONE, Peer, reading_of
from tests.notify.inbound.samples import ANSWERS, a_mail, a_report, an_answer
from tests.support.events import list_events
from tests.support.waiting import eventually

from kit.ids import uuid7
from notify.mail.imap import Inbox, MailboxAway, open_inbox
from notify.store.inbound import claim_mailbox
from notify.usecases.forget_inbound import MAILS_KEPT, forget_inbound
from notify.usecases.read_mailbox import LEASE, Reading, read_mailbox
from notify.usecases.take_mail import Position, Taking, take_mail


async def events(reading: Reading) -> list[str]:
    async with reading.pool.acquire() as connection:
        return [row.subject for row in await list_events(connection) if row.subject in ANSWERS]


async def test_what_needs_nobody_is_filed_and_the_rest_stays_unread(peer: Peer, reading: Reading) -> None:
    question, vacation = a_mail(), a_mail(Auto_Submitted="auto-replied")
    for mail in (an_answer(), question, vacation):
        await peer.deliver(mail)
    assert await read_mailbox(reading) == 3
    assert await peer.list() == [question]
    assert await peer.list(DONE) == [an_answer(), vacation]
    assert await events(reading) == ["notify.clerk_declined"]


async def test_each_look_takes_what_is_new(peer: Peer, reading: Reading) -> None:
    await peer.deliver(a_mail())
    assert await read_mailbox(reading) == 1
    assert await read_mailbox(reading) == 0
    await peer.deliver(an_answer())
    assert await read_mailbox(reading) == 1
    assert await events(reading) == ["notify.clerk_declined"]


async def test_two_readers_take_each_mail_once(peer: Peer, reading: Reading, notify: Notify) -> None:
    for number in range(6):
        name = f"<{number}@outlook.example>"
        await peer.deliver(an_answer("ACCEPTED" if number % 2 else "DECLINED", message_id=name))
    taken = await asyncio.gather(
        read_mailbox(reading), read_mailbox(reading_of(notify.pool, notify.clock, peer.account))
    )
    assert sum(taken) == 6
    assert len(await peer.list(DONE)) == 6
    assert len(await events(reading)) == 3


async def test_who_dies_while_reading_is_replaced_once_the_lease_is_over(
    peer: Peer, reading: Reading, notify: Notify
) -> None:
    await peer.deliver(an_answer())
    async with notify.pool.acquire() as connection:
        now = notify.clock()
        assert await claim_mailbox(connection, peer.account.name, uuid7(), now, now + LEASE)
    assert await read_mailbox(reading) == 0
    notify.clock.now += LEASE
    assert await read_mailbox(reading) == 0
    notify.clock.pass_by(seconds=1)
    assert await read_mailbox(reading) == 1


async def test_who_waits_long_for_the_server_keeps_the_mailbox(
    peer: Peer, reading: Reading, notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notify.usecases.read_mailbox.KEEP_EVERY_S", 0.01)
    answered, filing, file = asyncio.Event(), asyncio.Event(), Inbox.file

    async def file_late(inbox: Inbox, uids: Sequence[int]) -> None:
        filing.set()
        await answered.wait()
        await file(inbox, uids)

    monkeypatch.setattr(Inbox, "file", file_late)
    await peer.deliver(an_answer())

    async def is_kept() -> bool:
        until = await notify.pool.fetchval("SELECT lease_until FROM mailbox_cursor")
        return bool(until == notify.clock() + LEASE)

    async with asyncio.TaskGroup() as tasks:
        slow = tasks.create_task(read_mailbox(reading))
        await asyncio.wait_for(filing.wait(), 20)
        for _ in range(3):
            notify.clock.now += LEASE * 0.7
            await eventually(is_kept)
        assert await read_mailbox(reading_of(notify.pool, notify.clock, peer.account)) == 0
        answered.set()
    assert (slow.result(), await peer.list(DONE)) == (1, [an_answer()])
    assert await notify.pool.fetchval("SELECT reader FROM mailbox_cursor") is None


async def test_who_dies_before_filing_has_the_rest_done_by_the_next_one(peer: Peer, reading: Reading) -> None:
    await peer.deliver(an_answer())
    async with open_inbox(peer.account) as inbox:
        (uid,) = await inbox.list_after(0)
        raw = await inbox.fetch(uid)
        assert raw is not None
        taking = Taking(reading.pool, reading.clock, reading.key)
        assert await take_mail(taking, Position(peer.account.name, inbox.uid_validity, uid), raw)
    assert await peer.list() == [an_answer()]
    assert await read_mailbox(reading) == 0
    assert (await peer.list(), await peer.list(DONE)) == ([], [an_answer()])
    assert await events(reading) == ["notify.clerk_declined"]


async def test_a_mailbox_that_was_rebuilt_is_read_anew_without_effect(peer: Peer, reading: Reading) -> None:
    question, doubt = a_mail(), an_answer(sender="eve@evil.example")
    for mail in (question, doubt):
        await peer.deliver(mail)
    assert await read_mailbox(reading) == 2
    await peer.rebuild()
    await peer.deliver(an_answer())
    await peer.deliver(an_answer())
    assert await read_mailbox(reading) == 4
    assert (await peer.list(), await peer.list(DONE)) == ([question, doubt], [an_answer()] * 2)
    assert await events(reading) == ["notify.clerk_declined"]


async def test_of_a_huge_mail_the_beginning_is_read(peer: Peer, reading: Reading, notify: Notify) -> None:
    mail = (await notify.listed())[0]
    await peer.deliver(a_report(mail.id) + b"x" * 900_000 + b"\r\n")
    assert await read_mailbox(reading) == 1
    assert dict(await notify.states())["confirmation"] == "bounced"


async def test_a_mail_that_somebody_took_away_meanwhile_is_none(peer: Peer) -> None:
    async with open_inbox(peer.account) as inbox:
        assert await inbox.list_after(0) == []
        assert await inbox.fetch(1) is None


async def test_a_wrong_password_is_tried_ever_more_seldom(peer: Peer, reading: Reading, notify: Notify) -> None:
    wrong = reading._replace(account=msgspec.structs.replace(peer.account, password="no"))
    assert await read_mailbox(wrong) == 0
    assert not wrong.patience.is_over(notify.clock())
    notify.clock.pass_by(seconds=31)
    assert wrong.patience.is_over(notify.clock())
    await read_mailbox(wrong)
    notify.clock.pass_by(seconds=31)
    assert not wrong.patience.is_over(notify.clock())


async def test_a_certificate_of_somebody_else_is_refused(peer: Peer, tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "other.test")
    with pytest.raises(MailboxAway, match="certificate") as caught:
        async with open_inbox(msgspec.structs.replace(peer.account, ca_file=str(other))):
            pass
    assert caught.value.is_ours


async def test_a_server_that_is_away_is_nobodys_fault(peer: Peer, reading: Reading, notify: Notify) -> None:
    away = reading._replace(account=msgspec.structs.replace(peer.account, port=1))
    assert await read_mailbox(away) == 0
    assert away.patience.is_over(notify.clock())


async def test_what_was_remembered_goes_in_its_time(peer: Peer, reading: Reading, notify: Notify) -> None:
    await peer.deliver(an_answer())
    await peer.deliver(a_mail())
    await read_mailbox(reading)
    notify.clock.now += MAILS_KEPT
    assert await forget_inbound(notify.pool, notify.clock) == 0
    notify.clock.pass_by(seconds=1)
    assert await forget_inbound(notify.pool, notify.clock) == 3
    assert await read_mailbox(reading) == 0

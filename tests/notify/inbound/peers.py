"""The service mailbox on two servers: the demo's own, always there, and Debian's dovecot, where it is installed."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import pytest
from tests.notify.certificates import make_certificate
from tests.notify.inbound import dovecot
from tests.notify.inbound.dovecot import Dovecot
from tests.notify.inbound.samples import KEY, a_mail
from tests.notify.peers import Clock
from tests.support.waiting import eventually

from demo.mailbox import imap
from demo.mailbox.store import Mailbox
from kit.sql import Pool
from notify.mail.imap import ImapAccount
from notify.mail.patience import Patience
from notify.usecases.read_mailbox import Reading

DONE = "Erledigt"


class Peer(Protocol):
    account: ImapAccount

    async def deliver(self, mail: bytes) -> None: ...
    async def list(self, folder: str = "INBOX") -> list[bytes]: ...
    async def rebuild(self) -> None: ...


class DovecotPeer:
    def __init__(self, server: Dovecot) -> None:
        self.server = server
        self.account = ImapAccount(
            host="localhost",
            port=server.port,
            user=server.user,
            password=dovecot.PASSWORD,
            tls="starttls",
            ca_file=str(server.certificate),
            done_folder=DONE,
            timeout_s=5,
        )

    async def deliver(self, mail: bytes) -> None:
        await asyncio.to_thread(self.server.deliver, mail)

    async def list(self, folder: str = "INBOX") -> list[bytes]:
        return await asyncio.to_thread(self.server.list, folder)

    async def rebuild(self) -> None:
        await asyncio.to_thread(self.server.rebuild)


class DemoPeer:
    def __init__(self, mailbox: Mailbox, folders: imap.Folders, account: ImapAccount) -> None:
        self._mailbox = mailbox
        self._folders = folders
        self.account = account

    async def deliver(self, mail: bytes) -> None:
        self._mailbox.add(mail)

    async def list(self, folder: str = "INBOX") -> list[bytes]:
        found = [self._folders.find(uid) for uid in self._folders.list(folder)]
        return [mail for mail in found if mail is not None]

    async def rebuild(self) -> None:
        self._folders.__init__(self._mailbox, "schalter.example")  # type: ignore[misc] # as after a restart
        self._folders.uid_validity += 1


@asynccontextmanager
async def demo_peer(folder: Path, tls: Literal["tls", "none"] = "tls") -> AsyncIterator[DemoPeer]:
    certificate = make_certificate(folder, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    mailbox = Mailbox(folder / "mails")
    folders = imap.Folders(mailbox, "schalter.example")
    owner = imap.Account("termine", 'ein "gutes" Wort', "schalter.example")
    async with imap.imap_server(folders, owner, "127.0.0.1", 0, context if tls == "tls" else None) as port:
        account = ImapAccount(
            host="localhost",
            port=port,
            user=owner.user,
            password=owner.password,
            tls=tls,
            ca_file=str(certificate),
            done_folder=DONE,
            timeout_s=5,
        )
        yield DemoPeer(mailbox, folders, account)


def reading_of(pool: Pool, clock: Clock, account: ImapAccount) -> Reading:
    return Reading(pool, clock, KEY, account, Patience())


async def deliver_until_taken(peer: Peer, pool: Pool) -> None:
    """What comes in the moment in which a reader begins to listen may be told to it with the next mail only."""
    before: int = await pool.fetchval("SELECT count(*) FROM inbound_mail")
    for number in range(10):
        await peer.deliver(a_mail(X_Number=f"{before}.{number}"))
        with suppress(TimeoutError):
            await eventually(partial(is_newer, pool, before), timeout_s=1.5)
            return
    pytest.fail("nothing is taken")


async def is_free(pool: Pool) -> bool:
    """Nobody looks into the mailbox."""
    free: bool = await pool.fetchval("SELECT reader IS NULL FROM mailbox_cursor")
    return free


async def is_newer(pool: Pool, count: int) -> bool:
    found: int = await pool.fetchval("SELECT count(*) FROM inbound_mail")
    return found > count

"""The service mailbox by IMAP: one ordinary account, as every mail provider has it.

The library blocks, so each of its calls runs in a thread.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Literal, TypeVar, cast

import msgspec
from imapclient import SEEN, IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from notify.domain.inbound.reading import BYTES_MAX

logging.getLogger("imapclient").setLevel(logging.WARNING)  # otherwise it tells whole mails

T = TypeVar("T")
_START = f"BODY.PEEK[]<0.{BYTES_MAX}>"
_START_KEY = b"BODY[]<0>"
CONNECT_TIMEOUT_S = 10
IDLE_MAX_S = 28 * 60
"""Servers drop who says nothing for half an hour (RFC 2177 asks for a word every 29 minutes)."""


class ImapAccount(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    user: str
    password: str
    tls: Literal["none", "starttls", "tls"] = "tls"
    ca_file: str | None = None
    """PEM file of the authority that signed the server's certificate; None: those the system knows."""
    folder: str = "INBOX"
    done_folder: str = "Schalter"
    """Where mails go that need nobody; made if it is not there."""
    timeout_s: float = 30

    @property
    def name(self) -> str:
        return f"{self.user}@{self.host}/{self.folder}"


class MailboxAway(Exception):
    """The server cannot be reached, or does not do what it should. `is_ours`: it refuses our account, or is not who it
    should be; a person has to mend that, and trying on may lock the account.
    """

    def __init__(self, cause: str, *, is_ours: bool = False) -> None:
        super().__init__(cause)
        self.is_ours = is_ours


class Inbox:
    """The account's folder, opened."""

    def __init__(self, client: IMAPClient, account: ImapAccount, uid_validity: int, *, tells_of_new: bool) -> None:
        self._client = client
        self._account = account
        self.uid_validity = uid_validity
        self.tells_of_new = tells_of_new
        """By itself (IDLE, RFC 2177)."""

    async def list_after(self, uid: int) -> list[int]:
        """UIDs of newer mails, oldest first. `n:*` names the newest mail even where that is older than n."""
        found = await _in_thread(lambda: self._client.search(["UID", f"{uid + 1}:*"]))
        return sorted(int(each) for each in found if int(each) > uid)

    async def fetch(self, uid: int) -> bytes | None:
        """Its bytes, up to the length that is read at all; unread it stays. None: somebody took it away meanwhile."""
        found = await _in_thread(lambda: self._client.fetch([uid], [_START]))
        return cast("bytes | None", found.get(uid, {}).get(_START_KEY))

    async def file(self, uids: Sequence[int]) -> None:
        """Out of the way of who looks for mails to answer."""
        await _in_thread(lambda: self._file(list(uids)))

    async def wait_for_new(self, seconds: float) -> None:
        """Until the server tells of something, at most so long. Then it has to answer: a dead one is noticed.

        What came in the moment before may be told at the end only.
        """
        await _in_thread(lambda: self._wait(min(seconds, IDLE_MAX_S)))

    def _wait(self, seconds: float) -> None:
        self._client.idle()
        self._client.idle_check(seconds)
        self._client.idle_done()

    def _file(self, uids: list[int]) -> None:
        if not self._client.has_capability("MOVE"):
            self._client.add_flags(uids, [SEEN])
            return
        if not self._client.folder_exists(self._account.done_folder):
            self._client.create_folder(self._account.done_folder)
        self._client.move(uids, self._account.done_folder)


@asynccontextmanager
async def open_inbox(account: ImapAccount) -> AsyncIterator[Inbox]:
    """Raises MailboxAway, as each call of the inbox does."""
    client = await _in_thread(lambda: _connect(account))
    try:
        await _in_thread(lambda: _log_in(client, account))
        selected = await _in_thread(lambda: client.select_folder(account.folder))
        tells_of_new = await _in_thread(lambda: client.has_capability("IDLE"))
        yield Inbox(client, account, int(selected[b"UIDVALIDITY"]), tells_of_new=tells_of_new)
        await _in_thread(client.logout)
    finally:
        _close(client)


def _connect(account: ImapAccount) -> IMAPClient:
    context = None if account.tls == "none" else ssl.create_default_context(cafile=account.ca_file)
    client = IMAPClient(
        account.host,
        account.port,
        ssl=account.tls == "tls",
        ssl_context=context,
        timeout=SocketTimeout(CONNECT_TIMEOUT_S, account.timeout_s),
    )
    if account.tls == "starttls":
        try:
            client.starttls(context)
        except BaseException:
            _close(client)
            raise
    return client


def _log_in(client: IMAPClient, account: ImapAccount) -> None:
    try:
        client.login(account.user, account.password)
    except LoginError as error:
        raise MailboxAway("login refused", is_ours=True) from error


def _close(client: IMAPClient) -> None:
    """Also under a call that a thread still waits in: it ends with an error that nobody hears. It holds the stream that
    the library would close first, so the socket goes before.
    """
    with suppress(OSError):  # the other side was faster
        client.socket().shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        client.shutdown()


async def _in_thread(call: Callable[[], T]) -> T:
    """Raises MailboxAway. What the server said may hold an address, so only the fault's kind is told."""
    try:
        return await asyncio.to_thread(call)
    except ssl.SSLCertVerificationError as error:
        raise MailboxAway("certificate refused", is_ours=True) from error
    except (IMAPClientError, OSError, EOFError) as error:
        raise MailboxAway(type(error).__name__) from error

"""The same mails by IMAP, as far as a program needs it that reads one account: what came for the offices' own mailbox.

Of RFC 3501 it speaks LOGIN, LIST, CREATE, SELECT, UID SEARCH, UID FETCH, UID STORE and LOGOUT, of RFC 6851 UID MOVE,
and IDLE of RFC 2177. Folders last as long as the process; then UIDVALIDITY is another one, and a reader begins anew.
"""

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID

from demo.mailbox.store import Mailbox

INBOX = "INBOX"
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|([^\s"()]+(?:\[[^\]]*\]\S*)?)')
_START = re.compile(r"BODY\.PEEK\[\]<0\.(\d{1,9})>")
_COMMANDS_MAX = 10_000
_CAPABILITIES = b"CAPABILITY IMAP4rev1 IDLE MOVE"


class Account(NamedTuple):
    user: str
    password: str
    domain: str
    """Whose mails lie in it."""


class Folders:
    """Where each mail lies, under which UID."""

    def __init__(self, mailbox: Mailbox, domain: str) -> None:
        self._mailbox = mailbox
        self._domain = domain
        self._uids: dict[int, UUID] = {}
        self._moved: dict[int, str] = {}
        self.names = {INBOX}
        self.uid_validity = int(time.time())

    def list(self, folder: str) -> list[int]:
        """Oldest first."""
        known, present = set(self._uids.values()), self._mailbox.list()
        for summary in reversed(present):
            if summary.id not in known and f"@{self._domain}" in summary.to.lower():
                self._uids[len(self._uids) + 1] = summary.id
        there = {summary.id for summary in present}
        return [uid for uid, id_ in self._uids.items() if id_ in there and self._moved.get(uid, INBOX) == folder]

    def find(self, uid: int) -> bytes | None:
        return self._mailbox.find(self._uids[uid]) if uid in self._uids else None

    def move(self, uid: int, folder: str) -> None:
        self._moved[uid] = folder

    async def wait(self) -> None:
        """For the next mail, whose ever it is."""
        await self._mailbox.wait()


class Session:
    """One connection. An answer is a list of untagged lines and the words after the tag."""

    def __init__(self, folders: Folders, account: Account) -> None:
        self._folders = folders
        self._account = account
        self._known = False
        self.selected: str | None = None
        self._seen = 0
        """The newest UID when the folder was last looked at."""
        self.over = False

    def answer(self, line: str) -> tuple[list[bytes], str]:
        words = [quoted or group or atom for quoted, group, atom in _WORD.findall(line)]
        if not words:
            return [], "BAD nothing asked"
        name = " ".join(words[:2]).upper() if words[0].upper() == "UID" else words[0].upper()
        arguments = words[len(name.split()) :]
        public = {"CAPABILITY": self._capability, "NOOP": self._noop, "LOGIN": self._login, "LOGOUT": self._logout}
        private: dict[str, _Command] = {"LIST": self._list, "CREATE": self._create, "SELECT": self._select}
        chosen: dict[str, _Command] = {
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "UID MOVE": self._move,
            "UID STORE": self._store,
        }
        commands = public | (private if self._known else {}) | (chosen if self.selected else {})
        try:
            return commands[name](arguments)
        except (KeyError, IndexError, ValueError):
            return [], f"BAD {name} is not understood here"

    async def idle(self, tell: Callable[[bytes], None]) -> None:
        """Until cancelled. What came since the folder was last looked at is told at once."""
        while True:
            newest, present = self._seen, self._look()
            if self._seen > newest:
                tell(f"{len(present)} EXISTS".encode())
            await self._folders.wait()

    def _capability(self, _: list[str]) -> tuple[list[bytes], str]:
        return [_CAPABILITIES], "OK done"

    def _noop(self, _: list[str]) -> tuple[list[bytes], str]:
        return [], "OK done"

    def _login(self, arguments: list[str]) -> tuple[list[bytes], str]:
        user, password = (re.sub(r"\\(.)", r"\1", word) for word in arguments)
        self._known = (user, password) == (self._account.user, self._account.password)
        return [], "OK welcome" if self._known else "NO [AUTHENTICATIONFAILED] not you"

    def _logout(self, _: list[str]) -> tuple[list[bytes], str]:
        self.over = True
        return [b"BYE"], "OK done"

    def _list(self, arguments: list[str]) -> tuple[list[bytes], str]:
        wanted = [name for name in sorted(self._folders.names) if arguments[-1] in (name, "*", "%")]
        return [f'LIST () "/" "{name}"'.encode() for name in wanted], "OK done"

    def _create(self, arguments: list[str]) -> tuple[list[bytes], str]:
        self._folders.names.add(arguments[0])
        return [], "OK done"

    def _select(self, arguments: list[str]) -> tuple[list[bytes], str]:
        if arguments[0] not in self._folders.names:
            return [], "NO there is no such folder"
        self.selected = arguments[0]
        lines = [f"{len(self._look())} EXISTS", "0 RECENT", "FLAGS (\\Seen)"]
        lines.append(f"OK [UIDVALIDITY {self._folders.uid_validity}] as long as this process")
        return [line.encode() for line in lines], "OK [READ-WRITE] done"

    def _search(self, arguments: list[str]) -> tuple[list[bytes], str]:
        found = self._chosen(arguments[-1])
        return [" ".join(["SEARCH", *map(str, found)]).encode()], "OK done"

    def _fetch(self, arguments: list[str]) -> tuple[list[bytes], str]:
        wanted = _START.search(arguments[-1].upper())
        if wanted is None:
            return [], "BAD only the beginning of whole mails is given out"
        lines = []
        for number, uid in enumerate(self._chosen(arguments[0]), start=1):
            data = (self._folders.find(uid) or b"")[: int(wanted[1])]
            lines.append(f"{number} FETCH (UID {uid} BODY[]<0> {{{len(data)}}}\r\n".encode() + data + b")")
        return lines, "OK done"

    def _move(self, arguments: list[str]) -> tuple[list[bytes], str]:
        if arguments[1] not in self._folders.names:
            return [], "NO [TRYCREATE] there is no such folder"
        for uid in self._chosen(arguments[0]):
            self._folders.move(uid, arguments[1])
        return [], "OK done"

    def _store(self, _: list[str]) -> tuple[list[bytes], str]:
        return [], "OK done"

    def _look(self) -> list[int]:
        present = self._folders.list(self.selected or INBOX)
        self._seen = max(present, default=self._seen)
        return present

    def _chosen(self, set_: str) -> list[int]:
        """Of `5`, `2,3` or `7:*`; the star is the newest, also where that is older."""
        present = self._look()
        chosen: set[int] = set()
        for part in set_.split(","):
            first, _, last = part.partition(":")
            ends = [max(present, default=0) if end == "*" else int(end) for end in (first, last or first)]
            chosen |= {uid for uid in present if min(ends) <= uid <= max(ends)}
        return sorted(chosen)


_Command = Callable[[list[str]], tuple[list[bytes], str]]


async def _talk(session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"* OK [" + _CAPABILITIES + b"] mailbox.demo\r\n")
    for _ in range(_COMMANDS_MAX):
        line = (await reader.readline()).decode("utf-8", "replace").strip()
        if session.over or not line:
            return
        tag, _, command = line.partition(" ")
        if command.upper() == "IDLE" and session.selected:
            await _idle(session, reader, writer)
            command = "NOOP"
        untagged, words = session.answer(command)
        writer.writelines(b"* " + each + b"\r\n" for each in untagged)
        writer.write(f"{tag} {words}\r\n".encode())
        await writer.drain()


async def _idle(session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the client says anything: it may say DONE alone."""
    writer.write(b"+ idling\r\n")
    telling = asyncio.create_task(session.idle(lambda line: writer.write(b"* " + line + b"\r\n")))
    try:
        await reader.readline()
    finally:
        telling.cancel()


@asynccontextmanager
async def imap_server(
    folders: Folders, account: Account, host: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Yields the port, for 0 asks for any that is free."""
    connected: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.add(writer)
        try:
            await _talk(Session(folders, account), reader, writer)
        except (ConnectionError, ValueError):
            return  # gone, or a line without an end
        finally:
            connected.discard(writer)
            writer.close()

    server = await asyncio.start_server(serve, host, port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in list(connected):  # who idles would stay for ever
            writer.close()
        await server.wait_closed()

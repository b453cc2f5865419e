# ruff: noqa: ARG002, N802 - aiosmtpd calls its handlers by these names, with these arguments
"""The two servers that notify speaks to, as real servers on free ports: a mail server that misbehaves on demand, and
booking's letter call.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.support.streams import stream_server

from contracts.booking import InvitationLetter, Letter, Letters
from contracts.calendars import Agenda, Agendas

TOKEN = "service-token-of-the-tests"
PROBLEM = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "Deleted.", "code": "not_found"}


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class MailServer:
    """Takes mails, but for the answers planted in `rcpt`, `data` and `mail`: each is used once, oldest first.

    `drop` at `rcpt` breaks off.
    """

    def __init__(self) -> None:
        self.mail: list[str] = []
        self.rcpt: list[str] = []
        self.data: list[str] = []
        """An SMTP answer, or what is done instead: drop_after_data, drop_after_dot, stall (after the dot)."""
        self.taken: list[tuple[str, str, bytes]] = []
        """(envelope sender, recipient, bytes), also of mails whose dot was not answered."""
        self.dsn: list[str] = []
        """What was said of delivery status notifications, once `offers_dsn`."""
        self.offers_dsn = False
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.BaseTransport] = set()

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Session(self), "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await asyncio.sleep(0)  # who was being let in is in now
            for transport in list(self._open):
                transport.abort()  # type: ignore[attr-defined]
            await self._server.wait_closed()
            await asyncio.sleep(0)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(["250-DSN"] if self.offers_dsn else []), responses[-1]]

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.mail:
            return self.mail.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        answer = self.rcpt.pop(0) if self.rcpt else ""
        if answer == "drop":
            server.transport.abort()  # type: ignore[union-attr]
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.data.pop(0) if self.data else "take"
        if answer in {"take", "drop_after_dot", "stall"}:
            content = envelope.original_content or b""
            self.taken.append((str(envelope.mail_from), envelope.rcpt_tos[0], content))
        if answer == "stall":
            await asyncio.Event().wait()
        if answer == "drop_after_dot":
            server.transport.abort()  # type: ignore[union-attr]
        return "250 OK" if answer == "take" else answer


class _Session(SMTP):
    def __init__(self, owner: MailServer) -> None:
        super().__init__(owner, hostname="mail.test", enable_SMTPUTF8=False)
        self.owner = owner

    def connection_made(self, transport: Any) -> None:
        self.owner.connections += 1
        self.owner._open.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self.owner._open.discard(self.transport)
        super().connection_lost(error)

    async def smtp_MAIL(self, arg: str) -> None:
        await super().smtp_MAIL(self._without_dsn(arg))

    async def smtp_RCPT(self, arg: str) -> None:
        await super().smtp_RCPT(self._without_dsn(arg))

    def _without_dsn(self, arg: str) -> str:
        """The library does not know these words (RFC 3461)."""
        address, *options = arg.split()
        self.owner.dsn += [option for option in options if option.startswith(("ENVID=", "RET=", "NOTIFY="))]
        return " ".join([address, *(option for option in options if option not in self.owner.dsn)])

    async def smtp_DATA(self, arg: str) -> None:
        if self.owner.data[:1] == ["drop_after_data"]:
            self.owner.data.pop(0)
            self.transport.abort()  # type: ignore[union-attr]
            return
        await super().smtp_DATA(arg)


class LetterServer:
    """Answers letters of appointments and invitations and clerks' agendas as booking does; what is None is gone."""

    def __init__(self) -> None:
        self.letter: Letter | None = None
        self.others: tuple[Letter, ...] = ()
        """Letters about other appointments."""
        self.spoiled = False
        """Set: letters are had one by one only."""
        self.invitation: InvitationLetter | None = None
        self.agendas: tuple[Agenda, ...] = ()
        """Also what the digests are made of, whatever the day."""
        self.asked: list[str] = []
        """The paths of all calls, with their queries."""
        self.status: int | None = None
        """Set: every call gets this status, with an empty body."""
        self.calls = 0
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.calls += 1
        self.asked.append(head.split(" ")[1])
        status, type_, body = self._decide(head)
        writer.write(
            f"HTTP/1.1 {status} x\r\nContent-Type: {type_}\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()

    def _decide(self, head: str) -> tuple[int, str, bytes]:
        if self.status or (self.spoiled and "/letters?" in head):
            return self.status or 500, "text/plain", b""
        if f"authorization: bearer {TOKEN}".lower() not in head.lower():
            return 401, "application/problem+json", b"{}"
        letter = self._find(head.split(" ")[1])
        if letter is None:
            return 404, "application/problem+json", msgspec.json.encode(PROBLEM)
        return 200, "application/json", msgspec.json.encode(letter)

    def _find(self, path: str) -> Letter | Letters | InvitationLetter | Agenda | Agendas | None:
        path, _, query = path.partition("?")
        if path == "/internal/v1/letters":
            return self._several([UUID(id_) for id_ in parse_qs(query)["id"]])
        if path.startswith("/internal/v1/appointments/"):
            return self._letter(UUID(path.split("/")[-2]))
        if self.invitation and path == f"/internal/v1/invitations/{self.invitation.invitation_id}/letter":
            return self.invitation
        if path.endswith("/digests"):
            tenant = path.split("/")[-2]
            return Agendas(tuple(agenda for agenda in self.agendas if agenda.tenant == tenant))
        found = [agenda for agenda in self.agendas if path == f"/internal/v1/clerks/{agenda.clerk_id}/agenda"]
        return found[0] if found else None

    def _several(self, ids: list[UUID]) -> Letters:
        letters = [letter for id_ in ids if (letter := self._letter(id_))]
        return Letters(tuple(letters), tuple(id_ for id_ in ids if not self._letter(id_)))

    def _letter(self, id_: UUID) -> Letter | None:
        letters = [letter for letter in (self.letter, *self.others) if letter and letter.appointment_id == id_]
        return letters[0] if letters else None


@asynccontextmanager
async def letter_server() -> AsyncIterator[LetterServer]:
    peer = LetterServer()
    async with stream_server(peer.answer) as port:
        peer.url = f"http://127.0.0.1:{port}"
        yield peer


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    peer = MailServer()
    await peer.start()
    try:
        yield peer
    finally:
        await peer.stop()

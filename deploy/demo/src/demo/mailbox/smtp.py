"""The mail server: takes every mail for everybody, on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session

from demo.mailbox.store import Mailbox


class Taker:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.original_content
        self._mailbox.add(content if isinstance(content, bytes) else b"")
        return "250 Taken"


@asynccontextmanager
async def mail_server(mailbox: Mailbox, host: str, port: int) -> AsyncIterator[int]:
    """Yields the port, for 0 asks for any that is free."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Taker(mailbox), hostname="mailbox.demo"), host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()

"""Mails as files, so that a restart keeps them; what lists need of them is kept in memory."""

import asyncio
import os
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from uuid import UUID

import msgspec

from kit.ids import uuid7


class Summary(msgspec.Struct, frozen=True):
    id: UUID
    from_: str = msgspec.field(name="from")
    to: str
    subject: str
    date: datetime
    """When it arrived."""


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = sorted(folder.glob("*.eml"))
        self._summaries = {UUID(file.stem): _summarise(UUID(file.stem), file.read_bytes()) for file in files}
        self._newest = max(self._summaries, default=UUID(int=0))
        self._arrival = asyncio.Event()

    def add(self, message: bytes) -> None:
        """On the disk before it returns: what was answered with 250 is never lost."""
        id_ = self._next_id()
        file = self._folder / f"{id_}.eml"
        partial = file.with_suffix(".part")
        with partial.open("wb") as stream:
            stream.write(message)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(file)
        self._summaries[id_] = _summarise(id_, message)
        arrival, self._arrival = self._arrival, asyncio.Event()
        arrival.set()

    async def wait(self) -> None:
        """For the next mail."""
        await self._arrival.wait()

    def list(self) -> list[Summary]:
        """Newest first."""
        return list(reversed(self._summaries.values()))

    def find(self, id_: UUID) -> bytes | None:
        return (self._folder / f"{id_}.eml").read_bytes() if id_ in self._summaries else None

    def clear(self) -> None:
        for id_ in self._summaries:
            (self._folder / f"{id_}.eml").unlink(missing_ok=True)
        self._summaries.clear()

    def _next_id(self) -> UUID:
        """Later than all before it, also within one millisecond."""
        id_ = uuid7()
        while id_ <= self._newest:
            id_ = uuid7()
        self._newest = id_
        return id_


def _summarise(id_: UUID, message: bytes) -> Summary:
    head = BytesHeaderParser(policy=default).parsebytes(message)
    arrived = datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)
    return Summary(id_, str(head["From"] or ""), str(head["To"] or ""), str(head["Subject"] or ""), arrived)

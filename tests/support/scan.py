"""Looking for planted words wherever the system keeps something: tables, streams, files.

It sees through what things are wrapped in: mails and their encodings, base64, percent signs, JSON's escapes, zipped
bytes. Before an erasure it must find the words where they belong; only then does it mean something that it finds none.
"""

import asyncio
import base64
import binascii
import contextlib
import email
import email.policy
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import UUID

import asyncpg
import nats
from nats.js.errors import NotFoundError
from tests.support.system import System

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_ROWS = 500
_WORDLESS = (bool, int, float, Decimal, UUID, date, time, timedelta, asyncpg.BitString, asyncpg.Range)
"""Values in which no word can stand. (An instant is a date.)"""
_NOT_OURS = ("log/mailbox", "log/sandbox")
_DEPTH_MAX = 3
"""A base64 text within a mail within a JSON value is deep enough."""


class Trace(NamedTuple):
    where: str
    """`booking.contact.family_name`, `stream BOOKING`, or a file's name."""
    word: str


def scan_system(system: System, words: Sequence[str]) -> set[Trace]:
    """All that the running system keeps: three databases, every stream, every log, the database server's among them.

    Not the mailbox and the providers' sandbox: they stand for others.
    """
    with ThreadPoolExecutor(1) as beside:  # Playwright has an event loop of its own in this thread
        traces = beside.submit(asyncio.run, _scan_services(system, words)).result()
    logs = {trace for trace in scan_files(system.data, words, "**/*.log") if not trace.where.startswith(_NOT_OURS)}
    return traces | logs


async def _scan_services(system: System, words: Sequence[str]) -> set[Trace]:
    traces = await scan_streams(system.setting("booking work", "NATS_URL"), words)
    for service in ("booking", "payment", "notify"):
        traces |= await scan_database(service, system.setting(f"{service} work", "DATABASE_OWNER_URL"), words)
    return traces


async def scan_database(name: str, url: str, words: Sequence[str]) -> set[Trace]:
    """Every column of every table, whatever its type. As the database's owner: nothing is hidden from that one."""
    connection = await asyncpg.connect(url, server_settings={"app.all_tenants": "on"})
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS full_name, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        )
        traces: set[Trace] = set()
        for table in tables:
            traces |= await _scan_table(connection, table["full_name"], f"{name}.{table['tablename']}", words)
        return traces
    finally:
        await connection.close()


async def _scan_table(
    connection: "asyncpg.Connection[asyncpg.Record]", full_name: str, shown: str, words: Sequence[str]
) -> set[Trace]:
    traces: set[Trace] = set()
    async with connection.transaction(readonly=True):
        cursor = await connection.cursor(f"SELECT * FROM {full_name}")
        while rows := await cursor.fetch(_ROWS):
            for row in rows:
                traces |= {
                    Trace(f"{shown}.{column}", word) for column, value in row.items() for word in words_in(value, words)
                }
    return traces


async def scan_streams(url: str, words: Sequence[str]) -> set[Trace]:
    """Every message that JetStream still keeps, with its headers and its subject."""
    client = await nats.connect(url)
    try:
        stream = client.jetstream()
        traces: set[Trace] = set()
        for info in await stream.streams_info():
            name = str(info.config.name)
            for sequence in range(max(1, info.state.first_seq), info.state.last_seq + 1):
                try:
                    message = await stream.get_msg(name, sequence)
                except NotFoundError:
                    continue
                parts = (message.data, str(message.headers), str(message.subject))
                traces |= {Trace(f"stream {name}", word) for part in parts for word in words_in(part, words)}
        return traces
    finally:
        await client.close()


def scan_files(folder: Path, words: Sequence[str], pattern: str = "**/*") -> set[Trace]:
    return {
        Trace(str(file.relative_to(folder)), word)
        for file in folder.glob(pattern)
        if file.is_file()
        for word in words_in(file.read_bytes(), words)
    }


def words_in(value: Any, words: Sequence[str]) -> set[str]:
    """The planted words that stand in a value, in whatever it is wrapped."""
    found: set[str] = set()
    for text in _texts_of(value):
        lowered = text.lower()
        found |= {word for word in words if word.lower() in lowered}
    return found


def _texts_of(value: Any, depth: int = 0) -> Iterator[str]:
    if value is None or isinstance(value, _WORDLESS) or depth > _DEPTH_MAX:
        return
    if isinstance(value, (bytes, bytearray, memoryview)):
        yield from _texts_of_bytes(bytes(value), depth)
    elif isinstance(value, str):
        yield from _texts_of_text(value, depth)
    elif isinstance(value, dict):
        for part in (*value.keys(), *value.values()):
            yield from _texts_of(part, depth)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            yield from _texts_of(part, depth)
    else:  # a type of which nobody thought: as it shows itself
        yield str(value)


def _texts_of_text(text: str, depth: int) -> Iterator[str]:
    yield text
    if "%" in text:
        yield unquote(text)
    if "\\u" in text:
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    if text[:1] in "[{":
        with contextlib.suppress(ValueError):
            yield from _texts_of(json.loads(text), depth + 1)
    for match in _BASE64.finditer(text):
        yield from _texts_of_base64(match[0], depth)


def _texts_of_base64(text: str, depth: int) -> Iterator[str]:
    try:
        data = base64.b64decode(text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return
    yield from _texts_of_bytes(data, depth + 1)


def _texts_of_bytes(data: bytes, depth: int) -> Iterator[str]:
    if depth > _DEPTH_MAX:
        return
    if data[:2] == b"\x1f\x8b":
        with contextlib.suppress(OSError, EOFError, zlib.error):
            yield from _texts_of_bytes(gzip.decompress(data), depth + 1)
    yield from _texts_of_text(data.decode("utf-8", errors="replace"), depth)
    if b"\nContent-Type:" in data or b"\nMIME-Version:" in data:
        yield from _texts_of_mail(data)


def _texts_of_mail(data: bytes) -> Iterator[str]:
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        yield from (str(value) for value in part.values())
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content.decode(part.get_content_charset("utf-8"), errors="replace")

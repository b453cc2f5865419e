"""The scanner itself: who cannot see what is there proves nothing by finding nothing."""

import base64
import gzip
import json
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
import pytest
from tests.support.database import Database
from tests.support.scan import Trace, scan_database, scan_files, scan_streams, words_in

from kit.events import ensure_stream
from kit.sql import Pool

WORDS = ["Zwetschgenbäumer", "zb@planted.example", "0170 5550142"]


def mail() -> bytes:
    message = EmailMessage()
    message["Subject"] = "Für Zwetschgenbäumer"
    message["To"] = '"Z. Zwetschgenbäumer" <zb@planted.example>'
    message.set_content("Rufen Sie an: 0170 5550142, Zwetschgenbäumer", cte="base64")
    message.add_attachment("Zwetschgenbäumer".encode(), maintype="text", subtype="calendar")
    return message.as_bytes()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Frau ZWETSCHGENBÄUMER", 1),
        (b"Zwetschgenb\xc3\xa4umer", 1),
        (json.dumps({"name": "Zwetschgenbäumer"}), 1),
        ({"a": [{"b": ("x", "zb@planted.example")}]}, 1),
        ("/x?email=zb%40planted.example", 1),
        (base64.b64encode("ein Zwetschgenbäumer!".encode()).decode(), 1),
        ("token " + base64.urlsafe_b64encode(b'{"e": "zb@planted.example"}').decode().rstrip("=") + ".mac", 1),
        (gzip.compress(b"0170 5550142"), 1),
        (mail(), 3),
        ({"raw": base64.b64encode(mail()).decode()}, 3),
        (None, 0),
        (17, 0),
        (uuid4(), 0),
        (datetime(2026, 11, 23, tzinfo=UTC), 0),
        ("Zwetschgenbaum", 0),
        (b"\x00\xff" * 40, 0),
    ],
)
def test_it_sees_through_what_things_are_wrapped_in(value: Any, found: int) -> None:
    assert len(words_in(value, WORDS)) == found


async def test_it_reads_every_table_and_column(booking_database: Database, booking_pool: Pool) -> None:
    await booking_pool.execute(
        "INSERT INTO outbox (event_id, subject, payload) VALUES (gen_random_uuid(), 'x', $1)",
        {"deep": {"a": [WORDS[0]]}},
    )
    await booking_pool.execute(
        "INSERT INTO idempotent_answer (scope, key, fingerprint) VALUES ('s', $1, $2)", WORDS[1], WORDS[2].encode()
    )
    assert await scan_database("booking", booking_database.owner_url, WORDS) == {
        Trace("booking.outbox.payload", WORDS[0]),
        Trace("booking.idempotent_answer.key", WORDS[1]),
        Trace("booking.idempotent_answer.fingerprint", WORDS[2]),
    }


async def test_it_reads_every_message_and_file(nats_url: str, tmp_path: Path) -> None:
    name = f"SCAN{uuid4().hex[:8]}"
    client = await nats.connect(nats_url)
    stream = client.jetstream()
    await ensure_stream(stream, name, [f"{name}.>"])
    await stream.publish(f"{name}.a", WORDS[0].encode())
    gone = await stream.publish(f"{name}.b", b"x", headers={"To": WORDS[1]})
    try:
        assert await scan_streams(nats_url, WORDS) == {Trace(f"stream {name}", word) for word in WORDS[:2]}
        await stream.delete_msg(name, gone.seq)
        assert await scan_streams(nats_url, WORDS) == {Trace(f"stream {name}", WORDS[0])}
    finally:
        await stream.delete_stream(name)
        await client.close()
    (tmp_path / "log").mkdir()
    (tmp_path / "log/a.log").write_text(json.dumps({"message": f"mail to {WORDS[1]}"}))
    assert scan_files(tmp_path, WORDS) == {Trace("log/a.log", WORDS[1])}

"""The demo's mailbox: mails come in by SMTP, stay over a restart, and are shown without being trusted."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from litestar.testing import AsyncTestClient
from tests.notify.letters import LETTER, a_citizen, a_letter
from tests.notify.writing import written

from demo.mailbox.app import build
from demo.mailbox.settings import Settings

Client = AsyncTestClient[Any]
PAGE = {"Accept": "text/html"}


@asynccontextmanager
async def mailbox(folder: Path) -> AsyncIterator[Client]:
    app = build(Settings(smtp_port=0, imap_port=0, mailbox_data=folder))
    async with AsyncTestClient(app) as client:
        yield client


def files_of(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def deliver(client: Client, *messages: bytes) -> None:
    port = client.app.state.smtp_port
    for message in messages:
        await aiosmtplib.send(
            message,
            sender="a@example.org",
            recipients=["b@example.org"],
            hostname="127.0.0.1",
            port=port,
            start_tls=False,
        )


async def test_mails_are_listed_newest_first_and_given_as_they_came(tmp_path: Path) -> None:
    first, second = written("confirmation"), written("invite")
    async with mailbox(tmp_path) as client:
        assert (await client.get("/api/messages")).json() == {"items": []}
        await deliver(client, first, second)
        items = (await client.get("/api/messages")).json()["items"]
        assert [(item["to"], item["subject"]) for item in items] == [
            ("k.oezdemir@heinsberg.example", "Termin HS-7K2M: Mo., 29.03., 10:00 Uhr"),
            ("erika.mustermann@example.org", "Ihr Termin am Mo., 29.03., 10:00 Uhr"),
        ]
        assert set(items[0]) == {"id", "from", "to", "subject", "date"}
        assert (await client.get(f"/api/messages/{items[1]['id']}.eml")).content == first


async def test_a_restart_keeps_them_and_delete_empties(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as client:
        await deliver(client, *(written("confirmation", a_letter(number=f"N-{n}")) for n in range(5)))
        before = (await client.get("/api/messages")).json()
    async with mailbox(tmp_path) as client:
        assert (await client.get("/api/messages")).json() == before
        assert (await client.delete("/api/messages")).status_code == 204
        assert (await client.get("/api/messages")).json() == {"items": []}
    assert files_of(tmp_path) == []


@pytest.mark.parametrize("path", ["/api/messages/x.eml", "/api/messages/0195e000-0000-7000-8000-000000000001.eml"])
async def test_an_unknown_message_is_a_problem(tmp_path: Path, path: str) -> None:
    async with mailbox(tmp_path) as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def shown(client: Client, language: str = "de") -> tuple[str, str]:
    id_ = (await client.get("/api/messages")).json()["items"][0]["id"]
    page = await client.get(f"/messages/{id_}?lang={language}", headers=PAGE)
    assert page.status_code == 200
    return id_, page.text


@pytest.mark.parametrize(
    ("language", "start"), [("de", "Montag, 29. März 2027, 10:00 Uhr"), ("en", "Monday, 29 March")]
)
async def test_a_page_shows_text_html_and_calendar(tmp_path: Path, language: str, start: str) -> None:
    async with mailbox(tmp_path) as client:
        await deliver(client, written("invite"))
        id_, page = await shown(client, language)
        calendar = page.split('data-testid="calendar"')[1].split("</section>")[0]
        for word in ("REQUEST", "CONFIRMED", start, "clerk-1@heinsberg.example", "k.oezdemir@heinsberg.example"):
            assert word in calendar
        assert "HS-7K2M" in page.split('data-testid="text"')[1]
        assert f'src="/messages/{id_}/html"' in page
        listed = (await client.get(f"/?lang={language}", headers=PAGE)).text
        assert f"/messages/{id_}" in listed


async def test_the_list_may_be_narrowed_to_a_recipient(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as client:
        await deliver(client, written("confirmation"), written("invite"))
        page = (await client.get("/?to=erika.mustermann@example.org", headers=PAGE)).text
        assert len(re.findall(r'data-testid="message"', page)) == 1
        assert (await client.get("/?to=nobody@example.org", headers=PAGE)).status_code == 200


async def test_somebody_elses_html_can_do_nothing(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as client:
        await deliver(client, written("confirmation"))
        id_, page = await shown(client)
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
        html = await client.get(f"/messages/{id_}/html", headers=PAGE)
        policy = html.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "script-src" not in policy
        assert LETTER.manage_url in html.text


async def test_a_name_from_outside_stays_text_on_the_page(tmp_path: Path) -> None:
    evil = MIMEMultipart("alternative")
    evil["Subject"] = "<script>alert(1)</script>"
    evil["From"] = evil["To"] = "<b>@example.org"
    evil.attach(MIMEText("<img src=x onerror=alert(1)>"))
    evil.attach(MIMEText("BEGIN:VCALENDAR\r\nbroken", "calendar"))
    async with mailbox(tmp_path) as client:
        await deliver(client, evil.as_bytes(), b"no header at all", b"")
        for item in (await client.get("/api/messages")).json()["items"]:
            page = (await client.get(f"/messages/{item['id']}", headers=PAGE)).text
            assert "<script" not in page
            assert "<img" not in page
        assert "<script" not in (await client.get("/", headers=PAGE)).text


async def test_every_mail_of_notify_can_be_shown(tmp_path: Path) -> None:
    letter = a_letter(citizen=a_citizen(name="Łukasz 🎉 O’Neill"))
    async with mailbox(tmp_path) as client:
        for kind in ("confirmation", "cancelled", "withdrawal", "link"):
            await deliver(client, written(kind, letter))
            await shown(client)

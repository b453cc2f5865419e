"""A clerk's own calendar on a CalDAV server: Radicale, a real one, and servers that answer badly."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.sample import TENANT
from tests.booking.support.life import Life
from tests.booking.support.own_calendars import CLERKS, connect, free, status
from tests.booking.support.published import Published, a_calendar
from tests.support.radicale import Radicale

from booking.usecases.check_tenant import check_all
from booking.usecases.read_busy_times import BusyReader, read_busy_times

LOGIN = {"user": "clerk", "password": "geheim-Süß:7"}
MORNING = "DTSTART;TZID=Europe/Berlin:20261125T080000 DTEND;TZID=Europe/Berlin:20261125T100000"
"""Of Wednesday, on which the tests book."""
LAST_WEEK = "DTSTART;TZID=Europe/Berlin:20261118T080000 DTEND;TZID=Europe/Berlin:20261118T090000"
COLLECTION = (
    '<multistatus xmlns="DAV:"><response><href>/c/</href><propstat><prop><resourcetype><collection/>'
    '<calendar xmlns="urn:ietf:params:xml:ns:caldav"/></resourcetype></prop><status>HTTP/1.1 200 OK</status>'
    "</propstat>{}</response></multistatus>"
)
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><multistatus xmlns="DAV:">&b;</multistatus>'


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[Radicale]:
    server = Radicale(tmp_path, LOGIN["user"], LOGIN["password"])
    yield server
    server.stop()


@pytest.fixture
def bad_server() -> Iterator[Published]:
    published = Published()
    published.status = 207
    yield published
    published.stop()


Client = AsyncTestClient[Litestar]


async def test_its_times_are_not_offered_and_come_back(
    client: Client, reader: BusyReader, life: Life, radicale: Radicale, clock: SetClock
) -> None:
    whole = await free(life)
    radicale.put("dentist", a_calendar(f"UID:dentist {MORNING} SUMMARY:Zahnarzt"))
    radicale.put("past", a_calendar("UID:past DTSTART:20200101T080000Z DTEND:20200101T090000Z"))
    radicale.put("free", a_calendar("UID:free DTSTART:20261125T100000Z DTEND:20261125T103000Z TRANSP:TRANSPARENT"))
    answer = await connect(client, radicale.url, login=LOGIN)
    assert (answer.status_code, answer.json()["has_login"]) == (200, True)
    assert await read_busy_times(reader) == 1
    assert (await status(client))["cause"] is None
    assert await free(life) == whole - 24
    assert await check_all(life.pool, clock, TENANT) == []
    clock.advance(minutes=11)
    radicale.call("DELETE", "dentist.ics")
    await read_busy_times(reader)
    assert await free(life) == whole


async def test_a_series_is_expanded_here_with_what_was_moved_and_called_off(
    client: Client, reader: BusyReader, life: Life, radicale: Radicale
) -> None:
    whole = await free(life)
    series = f"UID:jf {LAST_WEEK} RRULE:FREQ=WEEKLY EXDATE;TZID=Europe/Berlin:20261202T080000"
    moved = (
        "UID:jf RECURRENCE-ID;TZID=Europe/Berlin:20261125T080000 DTSTART;TZID=Europe/Berlin:20261125T100000"
        " DTEND;TZID=Europe/Berlin:20261125T103000"
    )
    radicale.put("jf", a_calendar(series, moved))
    await connect(client, radicale.url, login=LOGIN)
    await read_busy_times(reader)
    assert await free(life) == whole - 6
    days = await life.pool.fetch("SELECT starts_at::date AS day FROM busy_time ORDER BY 1 LIMIT 2")
    assert [f"{row['day']}" for row in days] == ["2026-11-25", "2026-12-09"]


async def test_a_whole_day_takes_the_day_of_the_town(
    client: Client, reader: BusyReader, life: Life, radicale: Radicale
) -> None:
    radicale.put("leave", a_calendar("UID:leave DTSTART;VALUE=DATE:20261125 DTEND;VALUE=DATE:20261126"))
    await connect(client, radicale.url, login=LOGIN)
    await read_busy_times(reader)
    row = await life.pool.fetchrow("SELECT starts_at, ends_at FROM busy_time")
    assert [f"{instant:%d %H:%M}" for instant in row] == ["24 23:00", "25 23:00"]
    assert await free(life) == 0


async def test_an_unchanged_collection_costs_one_small_question(
    client: Client, reader: BusyReader, radicale: Radicale, clock: SetClock
) -> None:
    radicale.put("1", a_calendar(f"UID:1 {MORNING}"))
    await connect(client, radicale.url, login=LOGIN)
    radicale.asked.clear()
    for _ in range(3):
        await read_busy_times(reader)
        clock.advance(minutes=11)
    assert radicale.asked == ["PROPFIND", "REPORT", "PROPFIND", "PROPFIND"]
    assert (await status(client))["busy_count"] == 1
    clock.advance(days=1)
    await read_busy_times(reader)
    assert radicale.asked[4:] == ["PROPFIND", "REPORT"], "booking reaches further"


async def test_our_own_invitations_do_not_block_and_make_no_conflict(
    client: Client, reader: BusyReader, life: Life, radicale: Radicale
) -> None:
    await life.booked("08:00")
    row = await life.pool.fetchrow("SELECT id, clerk_id, starts_at, ends_at FROM assignment")
    span = f"DTSTART:{row['starts_at']:%Y%m%dT%H%M%SZ} DTEND:{row['ends_at']:%Y%m%dT%H%M%SZ}"
    radicale.put("ours", a_calendar(f"UID:{row['id']}@town.example {span} SEQUENCE:2"))
    await connect(client, radicale.url, row["clerk_id"], login=LOGIN)
    await read_busy_times(reader)
    assert (await status(client, row["clerk_id"]))["busy_count"] == 0
    assert await life.pool.fetchval("SELECT count(*) FROM conflict") == 0


async def test_a_wrong_password_says_so_and_does_not_lock_the_account(
    client: Client, reader: BusyReader, radicale: Radicale, clock: SetClock
) -> None:
    await connect(client, radicale.url, login=LOGIN | {"password": "old"})
    radicale.asked.clear()
    for _ in range(7):
        await read_busy_times(reader)
        clock.advance(minutes=11)
    assert (await status(client))["cause"] == "login_refused"
    assert radicale.asked == ["PROPFIND", "PROPFIND"], "once an hour"
    await connect(client, radicale.url, login=LOGIN)
    assert await read_busy_times(reader) == 1, "a new one is tried at once"
    assert (await status(client))["cause"] is None


async def test_a_refused_account_is_tried_once_whoever_is_read_with_it(
    client: Client, reader: BusyReader, radicale: Radicale, clock: SetClock
) -> None:
    for clerk, password in zip(CLERKS, ("old", "old", LOGIN["password"]), strict=True):
        await connect(client, radicale.url, clerk, login=LOGIN | {"password": password})
        clock.advance(seconds=1)
    radicale.asked.clear()
    assert [await read_busy_times(reader) for _ in range(3)] == [1, 1, 0]
    assert radicale.asked == ["PROPFIND", "PROPFIND", "REPORT"]
    causes = [(await status(client, clerk))["cause"] for clerk in CLERKS]
    assert causes == ["login_refused", "login_refused", None]


@pytest.mark.parametrize(("path", "cause"), [("..", "not_a_calendar"), ("../nothing/", "404")])
async def test_what_is_no_calendar_says_so(
    client: Client, reader: BusyReader, radicale: Radicale, path: str, cause: str
) -> None:
    await connect(client, radicale.url + path, login=LOGIN)
    await read_busy_times(reader)
    assert (await status(client))["cause"] == cause


async def test_login_and_entries_are_told_to_nobody(
    client: Client, reader: BusyReader, life: Life, radicale: Radicale, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    radicale.put("1", a_calendar(f"UID:1 {MORNING} SUMMARY:Zahnarzt"))
    answer = await connect(client, radicale.url, login=LOGIN)
    refused = await connect(client, radicale.url, login=LOGIN | {"user": "a:b"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "login.user")
    await read_busy_times(reader)
    rows = await life.pool.fetch(
        "SELECT to_jsonb(s)::text || convert_from(address, 'latin1') || convert_from(login, 'latin1') AS row"
        " FROM busy_source s UNION ALL SELECT to_jsonb(b)::text FROM busy_time b"
    )
    lines = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    told = answer.text + refused.text + str(await status(client)) + str([row["row"] for row in rows]) + str(lines)
    for secret in ("Zahnarzt", "geheim", LOGIN["user"] + ":", radicale.url):
        assert secret not in told


async def test_a_published_address_takes_the_place_of_the_account(
    client: Client, reader: BusyReader, life: Life, radicale: Radicale, bad_server: Published
) -> None:
    await connect(client, radicale.url, login=LOGIN)
    bad_server.status, bad_server.data = 200, a_calendar(f"UID:1 {MORNING}")
    assert not (await connect(client, bad_server.url)).json()["has_login"]
    assert await life.pool.fetchval("SELECT login FROM busy_source") is None
    await read_busy_times(reader)
    assert (await status(client))["busy_count"] == 1


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("<html>sign in", "unreadable_ParseError"),
        (LAUGHS, "unreadable_doctype"),
        ('<multistatus xmlns="DAV:"/>', "not_a_calendar"),
        (COLLECTION.format("<status>HTTP/1.1 507 Insufficient Storage</status>"), "too_many"),
        (COLLECTION.format("<status>HTTP/1.1 403 Forbidden</status>"), "incomplete"),
        ("x" * 6 * 1024 * 1024, "too_large"),
    ],
)
async def test_a_bad_answer_says_so_in_a_word(
    client: Client, reader: BusyReader, bad_server: Published, data: str, cause: str
) -> None:
    bad_server.data = data.encode()
    await connect(client, bad_server.url, login=LOGIN)
    await read_busy_times(reader)
    assert (await status(client))["cause"] == cause


async def test_a_server_that_knows_no_caldav_says_so(client: Client, reader: BusyReader, bad_server: Published) -> None:
    bad_server.status = 405
    await connect(client, bad_server.url, login=LOGIN)
    await read_busy_times(reader)
    assert (await status(client))["cause"] == "no_caldav"


async def test_a_login_goes_to_no_other_server(
    client: Client, reader: BusyReader, bad_server: Published, radicale: Radicale
) -> None:
    bad_server.status, bad_server.location = 301, radicale.url
    await connect(client, bad_server.url, login=LOGIN)
    radicale.asked.clear()
    await read_busy_times(reader)
    assert (await status(client))["cause"] == "leads_elsewhere"
    assert radicale.asked == []


async def test_our_own_network_is_told_no_login(client: Client, reader: BusyReader, radicale: Radicale) -> None:
    await connect(client, radicale.url.replace("http://127.0.0.1", "https://localhost"), login=LOGIN)
    radicale.asked.clear()
    await read_busy_times(reader._replace(allow_loopback=False))
    assert (await status(client))["cause"] == "private_address"
    assert radicale.asked == []

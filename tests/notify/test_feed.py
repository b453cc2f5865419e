"""`/feeds/{token}.ics`: whoever knows the token gets the clerk's visits, and 304 while nothing changed."""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import icalendar
import pytest
from tests.notify.agendas import a_choice, a_visit, an_agenda
from tests.notify.conftest import KEY, Notify
from tests.notify.letters import CLERK, LETTER, NOW, START, a_clerk, a_letter
from tests.notify.peers import TOKEN, Clock
from tests.support.database import Database

from contracts.calendars import CalendarChannel
from kit.log import JsonFormatter
from notify.app import build
from notify.settings import Settings

SECRET = "AbC-def_123.token"
PATH = f"/feeds/{SECRET}.ics"
HASH = hashlib.sha256(SECRET.encode()).hexdigest()
FEED_CLERK = a_clerk(channel="feed")
Client = httpx.AsyncClient


def settings(notify: Notify, database: Database, **changes: Any) -> Settings:
    values = {"rate_feeds": "off", "feed_age_s": 0, "smtp_tls": "none", "booking_url": notify.booking.url} | changes
    return Settings(database_url=database.url, link_key=KEY, staff_key=KEY, service_token=TOKEN, **values)


@asynccontextmanager
async def serving(settings: Settings, clock: Clock) -> AsyncIterator[Client]:
    """In the loop of the test, where booking's stand-in answers."""
    app = build(settings, clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    ready, done = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        """A task of its own: Litestar wants its lifespan to end where it began, and pytest ends fixtures elsewhere."""
        async with app.lifespan():
            ready.set()
            await done.wait()

    living = asyncio.create_task(live())
    await ready.wait()
    async with httpx.AsyncClient(transport=transport, base_url="http://notify.test") as client:
        yield client
    done.set()
    await living


@pytest.fixture
async def api(notify: Notify, notify_database: Database) -> AsyncIterator[Client]:
    await notify.choose(a_choice("feed", HASH))
    notify.booking.agendas = (an_agenda(),)
    async with serving(settings(notify, notify_database), notify.clock) as client:
        yield client


async def change(notify: Notify) -> None:
    """Something happens to a visit of the clerk."""
    await notify.tell("appointment.moved", a_letter(clerks=(FEED_CLERK,)))


def events(data: bytes) -> list[Any]:
    return icalendar.Calendar.from_ical(data).walk("VEVENT")


async def test_a_feed_shows_the_clerks_visits_and_no_citizen(api: Client) -> None:
    answer = await api.get(PATH)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    (event,) = events(answer.content)
    assert str(event["UID"]) == CLERK.calendar.uid
    assert (event.start, event["CLASS"], event["DTSTAMP"].dt) == (START, "PRIVATE", NOW)
    assert LETTER.number in event["SUMMARY"]
    assert "ATTENDEE" not in event
    assert "Mustermann" not in answer.text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in answer.text
    assert "X-PUBLISHED-TTL:PT1H\r\n" in answer.text
    assert "no-referrer" in answer.headers["referrer-policy"]


async def test_the_window_is_the_past_week_and_all_that_is_to_come(api: Client, notify: Notify) -> None:
    await api.get(PATH)
    assert "since=2027-03-15T00%3A00%3A00%2B01%3A00" in notify.booking.asked[-1]
    assert "until=2028-04-25" in notify.booking.asked[-1]


@pytest.mark.parametrize("shape", ["{}", "W/{}", '"other", {}', '"a" , W/{} ,"b"', "*"])
async def test_who_has_it_gets_304_and_booking_is_not_asked(api: Client, notify: Notify, shape: str) -> None:
    etag = (await api.get(PATH)).headers["etag"]
    asked = notify.booking.calls
    answer = await api.get(PATH, headers={"If-None-Match": shape.format(etag)})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert notify.booking.calls == asked
    assert not etag.startswith("W/")


@pytest.mark.parametrize("shape", ["", '"other"', "garbage", 'W/"other"', '"'])
async def test_who_has_something_else_gets_all(api: Client, shape: str) -> None:
    await api.get(PATH)
    assert (await api.get(PATH, headers={"If-None-Match": shape})).status_code == 200


async def test_304_also_from_another_process_than_the_one_that_wrote_it(
    api: Client, notify: Notify, notify_database: Database
) -> None:
    etag = (await api.get(PATH)).headers["etag"]
    asked = notify.booking.calls
    async with serving(settings(notify, notify_database), notify.clock) as other:
        assert (await other.get(PATH, headers={"If-None-Match": etag})).status_code == 304
    assert notify.booking.calls == asked


async def test_within_a_moment_nobody_is_asked(notify: Notify, notify_database: Database) -> None:
    await notify.choose(a_choice("feed", HASH))
    notify.booking.agendas = (an_agenda(),)
    async with serving(settings(notify, notify_database, feed_age_s=3600), notify.clock) as client:
        etag = (await client.get(PATH)).headers["etag"]
        await change(notify)
        assert (await client.get(PATH, headers={"If-None-Match": etag})).status_code == 304
        assert (await client.get(PATH)).status_code == 200


async def test_a_change_is_seen(api: Client, notify: Notify) -> None:
    first = await api.get(PATH)
    moved = a_visit(start=START + timedelta(days=1), end=START + timedelta(days=1, minutes=20))
    notify.booking.agendas = (an_agenda(moved),)
    await change(notify)
    second = await api.get(PATH, headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert events(second.content)[0].start == moved.start
    assert second.headers["etag"] != first.headers["etag"]


async def test_who_is_forgotten_is_named_no_more(api: Client, notify: Notify) -> None:
    notify.booking.agendas = (an_agenda(a_visit(citizen="Erika Mustermann")),)
    first = await api.get(PATH)
    assert "Mustermann" in events(first.content)[0]["DESCRIPTION"]
    notify.booking.agendas = (an_agenda(),)
    await notify.hear("appointment.erased", a_letter(version=9, state="completed"))
    second = await api.get(PATH, headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert "Mustermann" not in events(second.content)[0]["DESCRIPTION"]


async def test_another_tenants_feeds_stay_as_they_are(api: Client, notify: Notify) -> None:
    etag = (await api.get(PATH)).headers["etag"]
    asked = notify.booking.calls
    await notify.hear("appointment.erased", a_letter(version=9, state="completed", tenant="wegberg"))
    assert (await api.get(PATH, headers={"If-None-Match": etag})).status_code == 304
    assert notify.booking.calls == asked


async def test_the_same_visits_are_the_same_bytes(api: Client, notify: Notify) -> None:
    """A change that is none to this clerk: booking is asked, and the answer is 304 all the same."""
    first = await api.get(PATH)
    notify.clock.pass_by(hours=2)
    await change(notify)
    assert (await api.get(PATH, headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    assert (await api.get(PATH)).content == first.content


async def test_an_empty_feed_is_a_calendar(api: Client, notify: Notify) -> None:
    notify.booking.agendas = (an_agenda(visits=()),)
    answer = await api.get(PATH)
    assert answer.status_code == 200
    assert [part.name for part in icalendar.Calendar.from_ical(answer.content).subcomponents] == ["VTIMEZONE"]


@pytest.mark.parametrize(
    "path", ["/feeds/unknown.ics", f"/feeds/{SECRET}", f"/feeds/{SECRET}.ics.ics", "/feeds/.ics", f"/feeds/{HASH}.ics"]
)
async def test_what_is_no_feed_is_not_found_and_all_alike(api: Client, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no such feed."


@pytest.mark.parametrize("channel", ["invite", "digest"])
async def test_a_feed_ends_with_the_choice(api: Client, notify: Notify, channel: CalendarChannel) -> None:
    await notify.choose(a_choice(channel, None, version=2))
    await notify.choose(a_choice("feed", HASH, version=1))  # heard late
    assert (await api.get(PATH)).status_code == 404


async def test_a_new_address_makes_the_old_one_void(api: Client, notify: Notify) -> None:
    await notify.choose(a_choice("feed", hashlib.sha256(b"new").hexdigest(), version=2))
    assert (await api.get(PATH)).status_code == 404
    assert (await api.get("/feeds/new.ics")).status_code == 200


async def test_what_came_by_invitation_is_not_in_the_feed(api: Client, notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    assert events((await api.get(PATH)).content) == []


async def test_while_booking_is_away_the_old_calendar_stands(api: Client, notify: Notify) -> None:
    notify.booking.status = 500
    answer = await api.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (503, "booking_unavailable")
    assert answer.headers["retry-after"] == "60"


async def test_too_many_from_one_address_wait(notify: Notify, notify_database: Database) -> None:
    strict = settings(notify, notify_database, rate_feeds="1/2")
    async with serving(strict, notify.clock) as client:
        assert [(await client.get("/feeds/x.ics")).status_code for _ in range(3)] == [404, 404, 429]


async def test_the_token_stands_in_no_log(api: Client, notify: Notify, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where something unforeseen is logged with its path."""
    caplog.set_level(logging.DEBUG)
    await notify.pool.execute('UPDATE tenant SET profile = profile || \'{"time_zone": "no/where"}\'')
    assert (await api.get(PATH)).status_code == 500
    lines = [JsonFormatter("notify").format(record) for record in caplog.records]
    assert any("/feeds/…" in line for line in lines)
    assert SECRET not in json.dumps(lines)

"""A clerk's calendar through the whole system: a feed instead of invitations and back; the own calendar's times."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.booking.support.published import Published, a_calendar
from tests.support.booker import Booker
from tests.support.mails import method_of, wait_for
from tests.support.system import System
from tests.support.waiting import wait_until

NAME, EMAIL = "Peter Nießen", "peter.niessen@heinsberg.example"


class Desk:
    """The lead's, at this clerk's calendars."""

    def __init__(self, system: System) -> None:
        self.booker = Booker(system)
        self.http = system.http
        self.token = system.described["staff"]["lead"]
        lanes = self.ask("GET", "/staff/lanes")["items"]
        self.clerk = next(lane["clerk_id"] for lane in lanes if lane["name"] == NAME)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.http.request(method, self.booker.base + path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def choose(self, channel: str) -> str | None:
        url: str | None = self.ask("PUT", f"/staff/clerks/{self.clerk}/calendar", {"channel": channel})["feed_url"]
        return url

    def book(self) -> str:
        """A caller's visit with this clerk; the first time that is free. Returns its number."""
        service_id = self.booker.find_service("Reisepass")["id"]
        contact = {"given_name": "Erika", "family_name": "Mustermann", "phone": "02452 4711"}
        body = {"items": [{"service_id": service_id}], "booked_via": "phone", "contact": contact}
        for start in self.booker.starts(service_id):
            answer = self.booker.post(
                "/staff/appointments", body | {"start": start, "clerk_id": self.clerk}, self.token
            )
            if answer.status_code == 201:
                return str(answer.json()["number"])
        raise AssertionError(answer.text)


@pytest.fixture
def published() -> Iterator[Published]:
    published = Published()
    yield published
    published.stop()


def test_a_feed_instead_of_invitations_and_back(system: System) -> None:
    desk = Desk(system)
    url = desk.choose("feed")
    assert url
    wait_until(lambda: desk.http.get(url).status_code == 200)
    number = desk.book()
    wait_until(lambda: number in desk.http.get(url).text)
    feed = desk.http.get(url)
    assert "Mustermann" not in feed.text
    assert desk.http.get(url, headers={"If-None-Match": feed.headers["etag"]}).status_code == 304
    assert not any(number in str(item["subject"]) for item in system.messages(EMAIL))
    desk.choose("invite")
    (invitation,) = wait_for(system, EMAIL, f"^Termin {number}")
    assert method_of(invitation) == "REQUEST"
    wait_until(lambda: desk.http.get(url).status_code == 404)


def test_the_own_calendars_times_are_read_by_the_worker(system: System, published: Published) -> None:
    desk, path = Desk(system), "/staff/clerks/{}/busy-calendar"
    night = datetime.now().astimezone().replace(hour=3, minute=0) + timedelta(days=3)
    published.data = a_calendar(f"UID:1 DTSTART:{night:%Y%m%dT%H%M%S} DURATION:PT1H")
    desk.ask("PUT", path.format(desk.clerk), {"address": published.url})
    wait_until(lambda: desk.ask("GET", path.format(desk.clerk))["busy_count"] == 1)
    desk.ask("DELETE", path.format(desk.clerk))
    assert not desk.ask("GET", path.format(desk.clerk))["is_connected"]


def test_the_feeds_token_stands_in_no_log(system: System) -> None:
    desk = Desk(system)
    url = desk.choose("feed")
    assert url
    wait_until(lambda: desk.http.get(url).status_code == 200)
    httpx.get(url + "x")
    desk.choose("invite")
    token = url.rpartition("/")[2].removesuffix(".ics")
    logs = [file.read_text(errors="replace") for file in system.data.rglob("*.log")]
    assert logs
    assert not any(token in log for log in logs)

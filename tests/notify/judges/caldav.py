"""Radicale as a real CalDAV server (RFC 4791), and a calendar program that follows invitations with it.

The client's few calls stand here: the package `caldav` would bring an HTTP library that takes urllib3's place in the
whole environment.
"""

import base64
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import icalendar
from tests.support.radicale import radicale_application

_QUERY = (
    '<?xml version="1.0"?><C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop>'
    '<C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{}'
    "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
)
_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"
Held = set[tuple[str, int, datetime]]
"""UID, SEQUENCE and start."""


def open_radicale(folder: Path) -> httpx.Client:
    """In this process; whoever gives a name is that user."""
    application = radicale_application(folder, {"type": "none"})
    return httpx.Client(transport=httpx.WSGITransport(app=application), base_url="http://radicale.test")


class Calendar:
    """One recipient's."""

    def __init__(self, server: httpx.Client, user: str) -> None:
        self._server = server
        self._path = f"/{user}/calendar"
        self._login = {"Authorization": "Basic " + base64.b64encode(f"{user}:x".encode()).decode()}
        self._call("MKCALENDAR", "/", expected=201)

    def follow(self, data: bytes) -> None:
        """What a program does with a message: it keeps the newest of a UID, and takes away what is cancelled."""
        (event,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
        name = f"/{event['UID']}.ics"
        if event["STATUS"] != "CANCELLED":
            stored = re.sub(rb"\r\nMETHOD:\w+", b"", data)  # of a message, not of what is stored (RFC 4791, 4.1)
            self._call("PUT", name, stored, expected=(201, 204))
        elif event["UID"] in {uid for uid, _, _ in self.held()}:
            self._call("DELETE", name, expected=200)

    def held(self) -> Held:
        return self._query("")

    def at(self, start: datetime, end: datetime) -> Held:
        """What the server itself finds between two instants."""
        span = [f"{each.astimezone(UTC):%Y%m%dT%H%M%SZ}" for each in (start, end)]
        return self._query(f'<C:time-range start="{span[0]}" end="{span[1]}"/>')

    def _query(self, filter_: str) -> Held:
        answer = self._call("REPORT", "/", _QUERY.format(filter_).encode(), expected=207, depth="1")
        found = ET.fromstring(answer).iter(_DATA)  # noqa: S314 - of a server in this very process
        return set(_read(element.text or "" for element in found))

    def _call(
        self, method: str, name: str, body: bytes = b"", *, expected: int | tuple[int, ...], depth: str = "0"
    ) -> bytes:
        type_ = "text/calendar" if method == "PUT" else "application/xml"
        headers = self._login | {"Content-Type": f"{type_}; charset=utf-8", "Depth": depth}
        answer = self._server.request(method, self._path + name, content=body, headers=headers)
        assert answer.status_code in ((expected,) if isinstance(expected, int) else expected), answer.text
        return answer.content


def _read(texts: Iterable[str]) -> Iterable[tuple[str, int, datetime]]:
    for text in texts:
        for event in icalendar.Calendar.from_ical(text).walk("VEVENT"):
            yield str(event["UID"]), int(event["SEQUENCE"]), event.start.astimezone(UTC)

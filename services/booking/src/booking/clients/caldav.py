"""A collection of a CalDAV server (RFC 4791), read with an account: whether it changed, its entries in a window.

Series come whole and are expanded here as those of a published calendar are: servers need not expand, and differ in it.
"""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Final, NamedTuple, TypeAlias
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

import msgspec

from booking.clients.busy_calendar import CalendarUnreadable
from booking.domain.busy import Busy
from kit.outside import Call, Fetched, FetchFailed

Fetch: TypeAlias = Callable[[Call], Awaitable[Fetched]]
"""Raises FetchFailed."""

_DAV: Final = "{DAV:}"
_CALDAV: Final = "{urn:ietf:params:xml:ns:caldav}"
_TAGS: Final = ("{http://calendarserver.org/ns/}getctag", f"{_DAV}sync-token")
"""What changes whenever the collection does; a server has either, both or none."""
_PROPERTIES: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:S="http://calendarserver.org/ns/">'
    b"<D:prop><D:resourcetype/><S:getctag/><D:sync-token/></D:prop></D:propfind>"
)
_QUERY: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop><C:calendar-data/></D:prop>'
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="{}" end="{}"/>'
    "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
)
_ZONES: Final = timedelta(days=1)
"""Whole days and times without a zone are placed by the server, wherever it stands."""
_NO_CALDAV: Final = frozenset({"200", "405", "501"})
"""Web servers answer so, and pages that ask for a login."""


class Login(msgspec.Struct, frozen=True):
    user: str
    password: str


class LoginRefused(FetchFailed):
    """Trying on would lock the account in the house of its owner."""


class Collected(NamedTuple):
    tag: str | None
    objects: list[bytes] | None
    """None: unchanged."""


async def read_collection(fetch: Fetch, url: str, login: Login, known_tag: str | None, within: Busy) -> Collected:
    """The tag is asked for first, so that what changes in between is read the next time.

    Raises FetchFailed, CalendarUnreadable.
    """
    tag = _tag_of(await _ask(fetch, login, Call(url, {"Depth": "0"}, "PROPFIND", _PROPERTIES)))
    if tag is not None and tag == known_tag:
        return Collected(tag, None)
    span = (f"{instant:%Y%m%dT%H%M%SZ}" for instant in (within.starts_at - _ZONES, within.ends_at + _ZONES))
    query = _QUERY.format(*span).encode()
    return Collected(tag, _objects_of(await _ask(fetch, login, Call(url, {"Depth": "1"}, "REPORT", query))))


async def _ask(fetch: Fetch, login: Login, call: Call) -> Element:
    """Raises FetchFailed, CalendarUnreadable."""
    basic = b64encode(f"{login.user}:{login.password}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/xml; charset=utf-8"}
    try:
        fetched = await fetch(call._replace(headers=call.headers | headers, expected=207))
    except FetchFailed as error:
        if str(error) == "401":
            raise LoginRefused("login_refused") from None
        if str(error) in _NO_CALDAV:
            raise CalendarUnreadable("no_caldav") from None
        raise
    return await asyncio.to_thread(_read_xml, fetched.body or b"")


class _WithoutDoctype(TreeBuilder):
    def doctype(self, *_: object) -> None:
        """With it entities are refused, and what they could grow to."""
        raise CalendarUnreadable("unreadable_doctype")


def _read_xml(body: bytes) -> Element:
    """Raises CalendarUnreadable."""
    parser = XMLParser(target=_WithoutDoctype())  # noqa: S314 - no document type, and 5 MB at most
    try:
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:  # LookupError: an encoding that Python does not know
        raise CalendarUnreadable(f"unreadable_{type(error).__name__}") from None
    return root


def _tag_of(answer: Element) -> str | None:
    """Raises CalendarUnreadable: no collection of calendar entries is there."""
    found = {value.tag: value for prop in answer.iter(f"{_DAV}prop") for value in prop}
    kind = found.get(f"{_DAV}resourcetype")
    if kind is None or kind.find(f"{_CALDAV}calendar") is None:
        raise CalendarUnreadable("not_a_calendar")
    texts = ((found[tag].text or "").strip() for tag in _TAGS if tag in found)
    return next((text for text in texts if text), None)


def _objects_of(answer: Element) -> list[bytes]:
    """Raises CalendarUnreadable: an entry that is held back may be the one that takes the time."""
    return [text for response in answer.iter(f"{_DAV}response") for text in _texts(response)]


def _texts(response: Element) -> Iterator[bytes]:
    data = response.find(f"{_DAV}propstat/{_DAV}prop/{_CALDAV}calendar-data")
    if data is None or not data.text:
        statuses = [status.text or "" for status in response.iter(f"{_DAV}status")]
        raise CalendarUnreadable("too_many" if any(" 507" in status for status in statuses) else "incomplete")
    yield data.text.encode()

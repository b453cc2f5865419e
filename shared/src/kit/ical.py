"""Calendar objects (RFC 5545, methods of RFC 5546): one entry in, the same bytes out, whoever asks and however often.

The library writes escaping, folding and CRLF. What it would invent or add by itself stands here instead: UID and
DTSTAMP are the caller's, and the time zone is a constant (the library's own gives RDATE lists and a DAYLIGHT onset of
03:00, which Thunderbird's parser reads an hour off on the days of the change).
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar, Parameters, vCalAddress, vDDDTypes, vDuration, vInt, vText, vUri
from icalendar.parser import Contentline

PRODID = "-//Schalter//Schalter 1//DE"
MEDIA_TYPE = "text/calendar"

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]

_BERLIN = "Europe/Berlin"
_BERLIN_VTIMEZONE = b"""BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
""".replace(b"\n", b"\r\n")
"""Onsets are local wall time before the change: 02:00 of winter, 03:00 of summer."""

_HEAD = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\nCALSCALE:GREGORIAN\r\n".encode()
_END = b"END:VCALENDAR\r\n"
_HAS_WORD = re.compile(r"[^\W\d]{3}")
_Value = vText | vDDDTypes | vInt | vCalAddress | vUri
_FOLDED_FROM = 75
"""Octets of a line (RFC 5545, 3.1), as the library counts them."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class Party(msgspec.Struct, frozen=True):
    email: str
    name: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a calendar. Instants are aware; `start` and `end` are shown as wall time of `time_zone`."""

    uid: str
    sequence: int
    stamp: datetime
    """When this revision was made: DTSTAMP, so that the same revision has the same bytes."""
    start: datetime
    end: datetime
    time_zone: str
    summary: str
    description: str
    location: str
    organizer: Party | None = None
    """None: in a feed, where nobody is asked anything."""
    url: str | None = None
    """Where the entry takes place, if that is online."""
    cancelled: bool = False
    private: bool = False
    """CLASS:PRIVATE: who shares the calendar shows others only that the time is taken."""


def room_line(room: str | None, word: str) -> list[str]:
    """Raum 12, Raum E 04, but Schalter 2 as it is; nothing where no room is known. `word`: Raum."""
    if not room:
        return []
    return [room if _HAS_WORD.search(room) else f"{word} {room}"]


def publish(entry: Entry) -> bytes:
    """For whom the entry is information: no ATTENDEE, nothing to answer. A cancelled one says so by its STATUS."""
    return _serialise("PUBLISH", entry)


def request(entry: Entry, attendee: Party) -> bytes:
    """An invitation, or a newer revision of it: the answer is open again."""
    guest = _attendee(attendee, ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", RSVP="TRUE")
    return _serialise("REQUEST", entry, guest)


def cancel(entry: Entry, attendee: Party) -> bytes:
    guest = _attendee(attendee, ROLE="REQ-PARTICIPANT")
    return _serialise("CANCEL", msgspec.structs.replace(entry, cancelled=True), guest)


def feed(name: str, entries: Iterable[Entry], refresh: timedelta = timedelta(hours=1)) -> bytes:
    """A calendar to subscribe to (RFC 7986): no METHOD, since it asks nobody anything."""
    calendar = Calendar()
    calendar.add("name", _clean(name))
    calendar.add("x-wr-calname", _clean(name))
    interval = vDuration(refresh)
    interval.params["VALUE"] = "DURATION"
    calendar.add("refresh-interval", interval)
    calendar.add("x-published-ttl", vDuration(refresh))
    own = calendar.to_ical().removeprefix(b"BEGIN:VCALENDAR\r\n").removesuffix(_END)
    return b"".join([_HEAD, own, _BERLIN_VTIMEZONE, *map(_event_bytes, entries), _END])


@lru_cache(maxsize=4096)
def _event_bytes(entry: Entry) -> bytes:
    """Kept, since of a feed that changed most entries did not."""
    return _event(entry)


def _event(entry: Entry, attendee: vCalAddress | None = None) -> bytes:
    """Property by property, in the library's order: its own component takes twice as long over the same bytes."""
    properties: list[tuple[str, _Value | None]] = [
        ("SUMMARY", vText(_clean(entry.summary))),
        ("DTSTART", vDDDTypes(_local(entry.start, entry.time_zone))),
        ("DTEND", vDDDTypes(_local(entry.end, entry.time_zone))),
        ("DTSTAMP", vDDDTypes(_aware(entry.stamp))),
        ("UID", vText(_clean(entry.uid))),
        ("SEQUENCE", vInt(entry.sequence)),
        ("ATTENDEE", attendee),
        ("CLASS", vText("PRIVATE" if entry.private else "PUBLIC")),
        ("DESCRIPTION", vText(_clean(entry.description))),
        ("LOCATION", vText(_clean(entry.location))),
        ("ORGANIZER", _address(entry.organizer) if entry.organizer else None),
        ("STATUS", vText("CANCELLED" if entry.cancelled else "CONFIRMED")),
        ("TRANSP", vText("TRANSPARENT" if entry.cancelled else "OPAQUE")),
        ("URL", vUri(_clean(entry.url).replace("\n", "")) if entry.url else None),
    ]
    lines = [_line(name, value) for name, value in properties if value is not None]
    return b"BEGIN:VEVENT\r\n%sEND:VEVENT\r\n" % b"".join(lines)


def _line(name: str, value: _Value) -> bytes:
    """The library folds by looking at each character: a short line is left alone."""
    line = Contentline.from_parts(name, value.params, value)
    data: bytes = line.encode()
    if len(data) >= _FOLDED_FROM:
        data = line.to_ical()
    return data + b"\r\n"


def _serialise(method: Method, entry: Entry, attendee: vCalAddress | None = None) -> bytes:
    """The frame is the same in all: the library would take longer over it than over the entry."""
    zone = _BERLIN_VTIMEZONE if entry.time_zone == _BERLIN else b""
    return b"%sMETHOD:%s\r\n%s%s%s" % (_HEAD, method.encode(), zone, _event(entry, attendee), _END)


def _local(instant: datetime, time_zone: str) -> datetime:
    """Wall time where we carry the zone's rules; elsewhere UTC, which every reader converts by itself."""
    return _aware(instant).astimezone(ZoneInfo(_BERLIN) if time_zone == _BERLIN else UTC)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant without a time zone: the library would write it as UTC unconverted.")
    return instant.astimezone(UTC)


class _QuotedName(Parameters):
    """Outlook wants CN in quotes even where the standard does not."""

    always_quoted: tuple[str, ...] = (*Parameters.always_quoted, "CN")  # type: ignore[assignment] # one more than theirs


def _address(party: Party, **parameters: str) -> vCalAddress:
    address = vCalAddress("mailto:" + _clean(party.email).replace("\n", ""))
    name = " ".join(_clean(party.name).replace('"', "'").split())
    address.params = _QuotedName({"CN": name, **parameters})
    return address


def _attendee(party: Party, **parameters: str) -> vCalAddress:
    return _address(party, CUTYPE="INDIVIDUAL", **parameters)


def _clean(text: str) -> str:
    """Without control characters, which the library would let through; line ends become one newline."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))

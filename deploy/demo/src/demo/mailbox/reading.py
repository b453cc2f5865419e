"""A mail as its recipient's program shows it: text, HTML, calendar entry."""

import email
from datetime import date
from email.message import EmailMessage
from email.policy import default
from typing import cast

import msgspec
from icalendar import Calendar, Event


class CalendarView(msgspec.Struct, frozen=True):
    method: str
    uid: str
    sequence: int
    status: str
    summary: str
    location: str
    description: str
    start: date
    """A datetime, but for an entry of whole days."""
    end: date
    organizer: str
    attendees: list[str]


class MailView(msgspec.Struct, frozen=True):
    from_: str
    to: str
    reply_to: str
    subject: str
    text: str | None
    html: str | None
    calendar: CalendarView | None


def read(raw: bytes) -> MailView:
    message = email.message_from_bytes(raw, policy=default)
    return MailView(
        from_=str(message["From"] or ""),
        to=str(message["To"] or ""),
        reply_to=str(message["Reply-To"] or ""),
        subject=str(message["Subject"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        calendar=_calendar(message),
    )


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return None if part is None else str(part.get_content())


def _calendar(message: EmailMessage) -> CalendarView | None:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return _read_calendar(cast("bytes", part.get_payload(decode=True)))
    return None


def _read_calendar(data: bytes) -> CalendarView | None:
    try:
        calendar = Calendar.from_ical(data)
        event = next(iter(calendar.walk("VEVENT")), None)
    except ValueError:
        return None
    return None if event is None else _view(str(calendar.get("METHOD", "")), cast("Event", event))


def _view(method: str, event: Event) -> CalendarView:
    attendees = event.get("ATTENDEE", [])
    return CalendarView(
        method=method,
        uid=str(event.get("UID", "")),
        sequence=int(event.get("SEQUENCE", 0)),
        status=str(event.get("STATUS", "")),
        summary=str(event.get("SUMMARY", "")),
        location=str(event.get("LOCATION", "")),
        description=str(event.get("DESCRIPTION", "")),
        start=event.start,
        end=event.end,
        organizer=_address(event.get("ORGANIZER", "")),
        attendees=[_address(entry) for entry in (attendees if isinstance(attendees, list) else [attendees])],
    )


def _address(value: object) -> str:
    return str(value).removeprefix("mailto:").removeprefix("MAILTO:")

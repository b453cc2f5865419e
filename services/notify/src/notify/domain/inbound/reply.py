"""Answers to invitations (iTIP, RFC 5546). Of an entry only what we need is looked at: METHOD, UID, SEQUENCE and the
ATTENDEE who answers. Programs leave out the ORGANIZER, and write times in zones of their own.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from email.message import Message
from typing import NamedTuple, cast

from icalendar.parser import Contentline, Contentlines, Parameters

from notify.domain.inbound.found import Answer, AnswerKind

_KINDS: dict[str, AnswerKind] = {
    "ACCEPTED": "accepted",
    "TENTATIVE": "tentative",
    "DECLINED": "declined",
    "DELEGATED": "delegated",
}
_TYPES = frozenset({"text/calendar", "application/ics"})
_SEQUENCE_MAX = 2**31 - 1
_DIGITS_MAX = 10
_UID_LENGTH_MAX = 300


class _Line(NamedTuple):
    name: str
    parameters: Parameters
    value: str


def find_answer(parts: Sequence[Message], sender: str | None, message_id: str) -> Answer | None:
    """A mail without Message-ID is named by the entry that it brings, whose DTSTAMP says when it was answered."""
    for part in parts:
        if part.get_content_type() in _TYPES:
            text = _text(part)
            answer = _read(text, sender, hashlib.sha256((message_id or text).encode()).hexdigest())
            if answer:
                return answer
    return None


def _text(part: Message) -> str:
    """Many programs name another charset than they use, or none: UTF-8 is told by itself."""
    data = cast("bytes", part.get_payload(decode=True))
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read(text: str, sender: str | None, mail: str) -> Answer | None:
    head, event = _split(_lines(text))
    method = _value(head, "METHOD").upper()
    uid, sequence = _value(event, "UID"), _value(event, "SEQUENCE") or "0"
    line = _who_answers(event, sender)
    if method not in ("REPLY", "COUNTER") or line is None or not _is_uid(uid) or not _is_sequence(sequence):
        return None
    kind = "countered" if method == "COUNTER" else _KINDS.get(str(line.parameters.get("PARTSTAT", "")).upper())
    if kind is None or not is_address(_address(line)):
        return None
    return Answer(kind=kind, uid=uid, sequence=int(sequence), attendee=_address(line), sender=sender, mail=mail)


def is_address(text: str) -> bool:
    """As ours are, which are in ASCII. No database and no fingerprint would take everything that mails hold."""
    return "@" in text and text.isascii() and text.isprintable()


def _is_uid(text: str) -> bool:
    return 0 < len(text) <= _UID_LENGTH_MAX and text.isprintable()


def _is_sequence(text: str) -> bool:
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return is_number and int(text) <= _SEQUENCE_MAX


def _lines(text: str) -> Iterator[_Line]:
    """Unfolded and taken apart by the library; what it cannot read is left out."""
    for line in Contentlines.from_ical(text):  # type: ignore[no-untyped-call] # theirs
        parsed = _take_apart(line)
        if parsed:
            yield parsed


def _take_apart(line: Contentline) -> _Line | None:
    try:
        name, parameters, value = line.parts()
    except ValueError:
        return None
    return _Line(str(name).upper(), parameters, str(value).strip())


def _split(lines: Iterable[_Line]) -> tuple[list[_Line], list[_Line]]:
    """What stands in the calendar itself, and what in its first event; alarms and time zones say nothing here."""
    head: list[_Line] = []
    event: list[_Line] = []
    path: list[str] = []
    for line in lines:
        if line.name == "BEGIN":
            path.append(line.value.upper())
        elif line.name == "END":
            if path == ["VCALENDAR", "VEVENT"]:
                break
            del path[-1:]
        elif path == ["VCALENDAR"]:
            head.append(line)
        elif path == ["VCALENDAR", "VEVENT"]:
            event.append(line)
    return head, event


def _value(lines: Iterable[_Line], name: str) -> str:
    return next((line.value for line in lines if line.name == name), "")


def _who_answers(event: Iterable[_Line], sender: str | None) -> _Line | None:
    """A proposal of another time may name more than one: then it is who sends it."""
    lines = [line for line in event if line.name == "ATTENDEE"]
    own = [line for line in lines if sender and _address(line).lower() == sender.lower()]
    return next(iter(own or lines), None)


def _address(line: _Line) -> str:
    scheme, _, address = line.value.partition(":")
    return address.strip() if scheme.lower() == "mailto" else line.value

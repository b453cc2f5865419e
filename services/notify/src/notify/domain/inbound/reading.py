"""Read an inbound mail: bytes of a stranger's making become what the mail is. Whatever they are, nothing is raised.

The order decides: a report or an answer to an invitation counts, machine-made or not; of the rest, what a machine wrote
is dropped, and everything else is for people.
"""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from itertools import islice

from notify.domain.inbound.found import Automatic, ForPeople, Found
from notify.domain.inbound.reply import find_answer, is_address
from notify.domain.inbound.report import find_report, report_type

BYTES_MAX = 512 * 1024
"""More than that is not read: neither a report of our mails nor an answer is that long."""
_BOUNDARIES_MAX = 100
_DIVISIONS_MAX = 2_000
"""The parser's time grows with the depth of nesting and the number of parts, and its stack is finite."""
_PARTS_MAX = 100
_NO_ANSWER_WANTED = frozenset({"bulk", "auto_reply", "junk", "list"})


def read_mail(raw: bytes) -> Found:
    if not raw.strip():
        return ForPeople("empty")
    raw = raw[:BYTES_MAX]
    if raw.lower().count(b"boundary") > _BOUNDARIES_MAX or raw.count(b"\n--") > _DIVISIONS_MAX:
        return ForPeople("too_complex")
    try:
        return _read(raw)
    except Exception:  # noqa: BLE001 - whatever it does to the parser, a person can look at it
        return ForPeople("unreadable")


def _read(raw: bytes) -> Found:
    message = message_from_bytes(raw, policy=compat32)
    parts = list(islice(_parts(message), _PARTS_MAX))
    message_id = str(message.get("Message-ID", "")).strip()
    found = find_report(message, parts) or find_answer(parts, _sender(message), message_id)
    if found:
        return found
    machine = _machine(message)
    return Automatic(machine) if machine else ForPeople("no_answer")


def _parts(message: Message) -> Iterator[Message]:
    """Those of this mail, not those of mails inside it: what somebody forwards was not said to us."""
    content = message.get_payload()
    if message.get_content_maintype() != "multipart" or not isinstance(content, list):
        yield message
        return
    for part in content:
        if isinstance(part, Message):
            yield from _parts(part)


def _sender(message: Message) -> str | None:
    found = getaddresses([str(value) for value in message.get_all("From", [])])
    return found[0][1] if len(found) == 1 and is_address(found[0][1]) else None


def _machine(message: Message) -> str | None:
    """By which sign a machine wrote it (RFC 3834, and what Exchange and mailing lists use instead)."""
    auto_submitted = _word(message, "Auto-Submitted")
    if auto_submitted not in ("", "no"):
        return "auto_submitted"
    if message.get("X-Auto-Response-Suppress"):
        return "auto_response_suppress"
    if _word(message, "Precedence") in _NO_ANSWER_WANTED:
        return "precedence"
    if report_type(message) == "disposition-notification":
        return "read_receipt"
    return "empty_sender" if str(message.get("Return-Path", "")).strip() == "<>" else None


def _word(message: Message, name: str) -> str:
    """The first word of a header, without what follows it in comments and parameters."""
    words = str(message.get(name, "")).replace(";", " ").replace("(", " ").split()
    return words[0].lower() if words else ""

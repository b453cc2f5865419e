"""Mails as a recipient's program reads them."""

import email
import email.policy
import re
import time
from email.message import EmailMessage
from typing import cast

from icalendar import Calendar
from tests.support.system import System
from tests.support.waiting import wait_until

CONFIRMATION = "^Ihr Termin am .* Uhr$"
"""The reminder's subject has a word before it."""


def parse(raw: bytes) -> EmailMessage:
    return cast("EmailMessage", email.message_from_bytes(raw, policy=email.policy.default))


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def links_of(message: EmailMessage) -> list[str]:
    return re.findall(r"https?://[^\s<>\"]+", text_of(message))


def calendar_of(message: EmailMessage) -> Calendar:
    for part in message.walk():
        if part.get_content_type() == "text/calendar" or (part.get_filename() or "").endswith(".ics"):
            return Calendar.from_ical(part.get_payload(decode=True))
    raise AssertionError("no calendar part")


def method_of(message: EmailMessage) -> str:
    return str(calendar_of(message)["METHOD"])


def event_of(message: EmailMessage) -> object:
    return next(iter(calendar_of(message).walk("VEVENT")))


def wait_for(system: System, to: str, subject: str, count: int = 1, timeout_s: float = 15) -> list[EmailMessage]:
    """Wait until `count` mails to this address have `subject` in their subject; newest first."""

    def find() -> list[EmailMessage]:
        found = [item for item in system.messages(to) if re.search(subject, str(item["subject"]))]
        return [parse(system.message(item["id"])) for item in found] if len(found) >= count else []

    return cast("list[EmailMessage]", wait_until(find, timeout_s))


def assert_told_once(system: System, to: str, timeout_s: float = 60, settle_s: float = 2) -> None:
    """The confirmation comes, and no second one after it. A re-send has the same Message-ID and counts as one."""
    wait_for(system, to, CONFIRMATION, timeout_s=timeout_s)
    time.sleep(settle_s)
    ids = {str(message["Message-ID"]) for message in wait_for(system, to, CONFIRMATION)}
    assert len(ids) == 1, ids

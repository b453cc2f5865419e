"""Delivery status notifications (RFC 3464): what became of a mail behind the server that took it."""

import re
from collections.abc import Sequence
from email.message import Message
from email.parser import HeaderParser
from typing import cast, get_args

from notify.domain.inbound.found import Action, Report

_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_SAID = re.compile(r"(?:[\w-]+\s*;)?\s*(?:[245]\d\d[ -])?\s*([245]\.\d{1,3}\.\d{1,3}\b)?(.*)", re.DOTALL)
"""Of Diagnostic-Code: its type, the server's code, its enhanced one, and words."""
_SAID_LENGTH_MAX = 1_000
_WORST_FIRST: tuple[Action, ...] = get_args(Action)
_CAME_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
"""Where servers write the envelope's recipient; of a notification, To is it as well."""


def report_type(message: Message) -> str:
    if message.get_content_type() != "multipart/report":
        return ""
    return str(message.get_param("report-type", "")).lower()


def find_report(message: Message, parts: Sequence[Message]) -> Report | None:
    """Many servers name no report-type; the part that says the status makes it one."""
    if message.get_content_type() != "multipart/report":
        return None
    blocks = [
        block for part in parts if part.get_content_type() == "message/delivery-status" for block in _blocks(part)
    ]
    found = [(action, block) for block in blocks if (action := _action(block))]
    if not found:
        return None
    action, block = min(found, key=lambda each: _WORST_FIRST.index(each[0]))
    status, said = _status_and_words(block)
    return Report(
        action=action,
        status=status,
        said=said,
        came_to=tuple(_bare(str(value)) for name in _CAME_TO for value in message.get_all(name, [])),
        envelope_id=next((id_ for each in blocks if (id_ := _field(each, "Original-Envelope-Id"))), None),
        message_id=_returned_id(parts),
    )


def _blocks(part: Message) -> list[Message]:
    """One about the message, one for each recipient."""
    content = part.get_payload()
    return [block for block in content if isinstance(block, Message)] if isinstance(content, list) else []


def _action(block: Message) -> Action | None:
    word = _field(block, "Action").split(" ")[0].lower()
    return word if word in _WORST_FIRST else None


def _status_and_words(block: Message) -> tuple[str | None, str]:
    """Who returns a mail writes x.0.0 where the server that refused it was not understood: that one's code counts."""
    status = _STATUS.match(_field(block, "Status"))
    said = _SAID.match(_field(block, "Diagnostic-Code")[:_SAID_LENGTH_MAX])
    code, words = (said[1], said[2].strip()) if said else (None, "")
    says_nothing = status is None or status[1].endswith(".0.0")
    return code if code and says_nothing else status and status[1], words


def _field(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip()


def _bare(address: str) -> str:
    return address.rpartition("<")[2].strip().rstrip(">").strip()


def _returned_id(parts: Sequence[Message]) -> str | None:
    """Message-ID of the mail that is returned, whole or by its header alone."""
    for part in parts:
        head: Message | None = None
        if part.get_content_type() == "message/rfc822":
            head = next(iter(_blocks(part)), None)
        elif part.get_content_type() == "text/rfc822-headers":
            text = cast("bytes", part.get_payload(decode=True)).decode("ascii", "replace")
            head = HeaderParser().parsestr(text)
        if head is not None and head.get("Message-ID"):
            return _bare(str(head["Message-ID"]))
    return None

"""Mails as another program reads them."""

import email
import email.policy
import re
from base64 import b64decode
from email.message import EmailMessage
from quopri import decodestring
from typing import cast

import icalendar


def read(raw: bytes) -> EmailMessage:
    return cast("EmailMessage", email.message_from_bytes(raw, policy=email.policy.default))


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def shape(message: EmailMessage) -> object:
    if message.is_multipart():
        parts = cast("list[EmailMessage]", message.get_payload())
        return (message.get_content_subtype(), *(shape(part) for part in parts))
    return message.get_content_type()


def calendar_part(message: EmailMessage) -> EmailMessage:
    return cast("EmailMessage", next(part for part in message.walk() if part.get_content_type() == "text/calendar"))


def calendar_of(message: EmailMessage) -> icalendar.Calendar:
    data = calendar_part(message).get_payload(decode=True)
    return cast("icalendar.Calendar", icalendar.Calendar.from_ical(cast("bytes", data)))


def raw_header(raw: bytes, name: str) -> bytes:
    head = raw.split(b"\r\n\r\n", 1)[0] + b"\r\n"
    found = re.search(rb"(?mi)^" + name.encode() + rb": ((?:[^\r\n]|\r\n[ \t])*)\r\n", head)
    assert found, name
    return found[1]


WORD = re.compile(rb"=\?([\w-]+)\?([bBqQ])\?([^? ]*)\?=")


def decode_by_the_book(value: bytes) -> str:
    """RFC 2047, read strictly, without the library: words of whole characters, at most 75 octets, parted by space."""
    words = []
    unfolded = value.replace(b"\r\n", b"")
    for token in unfolded.split():
        found = WORD.fullmatch(token)
        if not found:
            words.append((False, token.decode("ascii")))
            continue
        assert len(token) <= 75, token
        charset, how, text = found.groups()
        data = b64decode(text) if how in b"bB" else decodestring(text.replace(b"_", b"=20"))
        words.append((True, data.decode(charset.decode())))
    result = ""
    for index, (encoded, text) in enumerate(words):
        glue = "" if not index or (encoded and words[index - 1][0]) else " "
        result += glue + text
    return result

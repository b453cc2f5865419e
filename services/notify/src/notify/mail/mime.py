"""The mail as it goes over the wire (RFC 5322, MIME, RFC 6047), built once and stored.

| mail | shape |
|---|---|
| citizen, with a calendar entry | mixed[ alternative[text, html], termin.ics ] |
| citizen, without | alternative[text, html] |
| clerk | alternative[text, html, text/calendar; method=…], no disposition |

With a logo in the letterhead, `related[html, image/png]` stands where `html` does.

Parts are joined here, line by line as the standards have them: `EmailMessage` took 3.9 ms a mail, the older classes of
`email.mime` a third of that, nearly all of it to walk and fold anew what was folded already. What has rules of its own
(encoded words, addresses, dates, quoted-printable, base64) is the standard library's.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import NamedTuple

import msgspec

from notify.domain.kinds import Method
from notify.mail.letterhead import LOGO_ID
from notify.mail.rendering import Rendered

_NOT_FOLDED = re.compile(r"\r?\n(?![ \t])|\r(?!\n)")
_VERSION = "MIME-Version: 1.0"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    message_id: str
    """Without angle brackets."""
    date: datetime
    sender_name: str
    sender: str
    reply_to: str
    recipient: str


class CalendarPart(msgspec.Struct, frozen=True):
    method: Method
    data: bytes


class Entity(NamedTuple):
    """A mail, or a part of one (RFC 2045, 2.4)."""

    headers: Sequence[str]
    body: bytes

    def as_bytes(self) -> bytes:
        return "".join(f"{header}\r\n" for header in self.headers).encode("ascii") + b"\r\n" + self.body


def compose(head: Head, body: Rendered, calendar: CalendarPart | None) -> bytes:
    parts = [_text(body.text, "plain"), _html(body, head)]
    if calendar and calendar.method != "PUBLISH":
        parts.append(_calendar(calendar))
    root = _multipart("alternative", head, parts)
    if calendar and calendar.method == "PUBLISH":
        root = _multipart("mixed", head, [root, _attachment(calendar)])
    return Entity((*root.headers, *_head(head, body)), root.body).as_bytes()


def _multipart(subtype: str, head: Head, parts: Sequence[Entity], parameter: str = "") -> Entity:
    """`=_` stands in no part: quoted-printable writes `=` as `=3D`, base64 has no `_` (RFC 2045, 6.7)."""
    boundary = f"=_{subtype[0]}_{head.message_id.partition('@')[0]}"
    line = f"--{boundary}".encode("ascii")
    body = b"".join(b"%s\r\n%s\r\n" % (line, part.as_bytes()) for part in parts)
    return Entity(
        (f'Content-Type: multipart/{subtype}{parameter}; boundary="{boundary}"', _VERSION), body + line + b"--\r\n"
    )


def _head(head: Head, body: Rendered) -> list[str]:
    return [
        _header("From", formataddr((head.sender_name, head.sender), "utf-8")),
        _header("To", head.recipient),
        _header("Reply-To", head.reply_to),
        _header("Subject", _subject(body.subject)),
        _header("Date", format_datetime(head.date)),
        _header("Message-ID", f"<{head.message_id}>"),
        _header("Content-Language", body.language),
        "Auto-Submitted: auto-generated",  # RFC 3834: no machine may answer it
        "X-Auto-Response-Suppress: OOF, AutoReply",  # the same to Exchange
    ]


def _header(name: str, value: str) -> str:
    """As it was encoded and folded; one that would begin another is refused."""
    if _NOT_FOLDED.search(value):
        raise ValueError(f"{name}: a line break that does not fold")
    if not value.isascii():
        value = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
    return f"{name}: {value}"


_WORD_LENGTH_MAX = 60


def _subject(text: str) -> str:
    """Encoded words of whole characters, each line short enough (RFC 2047); plain where the text is plain.

    A word too long for a line would be folded before its first character, and one that looks encoded be decoded.
    """
    is_plain = text.isascii() and "=?" not in text and max(map(len, text.split()), default=0) <= _WORD_LENGTH_MAX
    charset = "us-ascii" if is_plain else "utf-8"
    return Header(text, charset, header_name="Subject", maxlinelen=76).encode(linesep="\r\n")


def _text(text: str, subtype: str) -> Entity:
    encoded = b2a_qp(text.encode().replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return Entity(
        (f'Content-Type: text/{subtype}; charset="utf-8"', _VERSION, "Content-Transfer-Encoding: quoted-printable"),
        encoded.replace(b"\n", b"\r\n"),
    )


def _html(body: Rendered, head: Head) -> Entity:
    html = _text(body.html, "html")
    if body.logo is None:
        return html
    image = _in_base64(
        "image/png", body.logo, f"Content-ID: <{LOGO_ID}>", 'Content-Disposition: inline; filename="logo.png"'
    )
    return _multipart("related", head, [html, image], '; type="text/html"')


def _calendar(calendar: CalendarPart, *more: str) -> Entity:
    """In base64, so that CRLF and folding arrive as they were written."""
    return _in_base64(f'text/calendar; charset="utf-8"; method="{calendar.method}"', calendar.data, *more)


def _attachment(calendar: CalendarPart) -> Entity:
    return _calendar(calendar, 'Content-Disposition: attachment; filename="termin.ics"')


def _in_base64(media_type: str, data: bytes, *more: str) -> Entity:
    headers = (f"Content-Type: {media_type}", _VERSION, "Content-Transfer-Encoding: base64", *more)
    return Entity(headers, encodebytes(data).replace(b"\n", b"\r\n"))


_MESSAGE_ID = re.compile(rb"^Message-ID: <[^\r\n]*>\r\n", re.MULTILINE)
_DATE = re.compile(rb"^Date: [^\r\n]*\r\n", re.MULTILINE)


def renew(message: bytes, message_id: str, date: datetime) -> bytes:
    """The same mail as a new one: only Message-ID and Date differ. For a resend that a person wants."""
    message = _MESSAGE_ID.sub(f"Message-ID: <{message_id}>\r\n".encode(), message, count=1)
    return _DATE.sub(f"Date: {format_datetime(date)}\r\n".encode(), message, count=1)

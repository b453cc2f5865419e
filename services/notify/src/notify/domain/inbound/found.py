"""What an inbound mail turned out to be. It says what the mail claims; `judging` says what of it holds."""

from typing import Literal

import msgspec

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]
"""Of a delivery status notification (RFC 3464)."""

AnswerKind = Literal["accepted", "tentative", "declined", "countered", "delegated"]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery status notification about one of our mails."""

    action: Action
    status: str | None
    """As 5.1.1; None where it is missing or malformed."""
    said: str
    """What the server said that refused it, without codes; empty where the report does not say."""
    came_to: tuple[str, ...]
    """The addresses under which it reached us: one is the envelope sender of our mail."""
    envelope_id: str | None
    message_id: str | None
    """Of our mail, which it returns."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An iTIP REPLY or COUNTER."""

    kind: AnswerKind
    uid: str
    sequence: int
    attendee: str
    sender: str | None
    """None: From names nobody, or several."""
    mail: str
    """SHA-256 of what names the mail: the same for two copies that came by different ways."""


class Automatic(msgspec.Struct, frozen=True):
    """A machine speaks, and nobody waits for an answer."""

    reason: str


class ForPeople(msgspec.Struct, frozen=True):
    """Anything else: it stays in the mailbox, and a person reads it."""

    reason: str


Found = Report | Answer | Automatic | ForPeople

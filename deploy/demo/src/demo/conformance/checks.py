"""What a portal's webhook endpoint is told, and how it should answer. Pure, without I/O.

All that can be judged from outside is the answer's status and time, and what a page of the portal shows before and
after. What each check is about, and what to do where it fails, stands in words in `locale/`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec

from contracts.money import Money
from contracts.payment import PaymentEvent, PaymentEventType, PaymentState
from kit.ids import uuid7
from kit.webhooks import SIGNATURE_HEADER, sign

Expectation = Literal["accepted", "refused", "survived"]
"""2xx · 4xx · anything but 5xx or silence."""

TOLERANCE = timedelta(minutes=5)


class Message(NamedTuple):
    body: bytes
    headers: dict[str, str]


class Player:
    """Speaks as payment does, about one payment and in its order: authorised, paid, refunded."""

    def __init__(self, secret: str, now: datetime, payment_id: UUID | None = None) -> None:
        self.secret = secret
        self.now = now
        self.payment_id = payment_id or uuid7()

    def event(self, type_: PaymentEventType, **changes: Any) -> bytes:
        states: dict[str, tuple[PaymentState, int]] = {
            "payment.authorised": ("authorised", 3),
            "payment.paid": ("paid", 5),
            "payment.refunded": ("paid", 6),
        }
        state, version = states[type_]
        event = PaymentEvent(
            id=uuid7(),
            type=type_,
            tenant="conformance",
            payment_id=self.payment_id,
            version=version,
            state=state,
            reference="conformance",
            amount=Money(1500),
            refunded=Money(1500 if type_ == "payment.refunded" else 0),
            occurred_at=self.now,
        )
        return msgspec.json.encode(msgspec.to_builtins(event) | changes)

    def signed(self, body: bytes, *, at: datetime | None = None, secret: str | None = None) -> Message:
        return self.headed(body, sign(secret or self.secret, body, at or self.now))

    @staticmethod
    def headed(body: bytes, signature: str | None) -> Message:
        headers = {"Content-Type": "application/json"}
        return Message(body, headers | ({SIGNATURE_HEADER: signature} if signature is not None else {}))


class Check(NamedTuple):
    name: str
    expects: Expectation
    play: Callable[[Player], list[Message]]
    at_once: bool = False
    """All messages side by side."""


def _paid(player: Player) -> list[Message]:
    return [player.signed(player.event("payment.paid"))]


def _in_order(player: Player) -> list[Message]:
    return [player.signed(player.event(type_)) for type_ in ("payment.authorised", "payment.paid", "payment.refunded")]


def _in_reverse(player: Player) -> list[Message]:
    return _in_order(player)[::-1]


def _twice(player: Player) -> list[Message]:
    """As after an answer that was lost: the same bytes, and the same event signed anew a minute later."""
    body = player.event("payment.paid")
    first = player.signed(body, at=player.now - timedelta(minutes=1))
    return [first, first, player.signed(body)]


def _five_at_once(player: Player) -> list[Message]:
    return _paid(player) * 5


def _late(player: Player) -> list[Message]:
    return [player.signed(player.event("payment.paid", occurred_at=player.now - timedelta(days=3)))]


def _unknown_payment(player: Player) -> list[Message]:
    return [player.signed(player.event("payment.paid", payment_id=uuid7()))]


def _new_words(player: Player) -> list[Message]:
    """Fields and types of event that there may be one day."""
    more = player.event("payment.paid", colour="blue")
    other = msgspec.json.decode(player.event("payment.paid")) | {"type": "payment.invented"}
    return [player.signed(more), player.signed(msgspec.json.encode(other))]


def _unsigned(player: Player) -> list[Message]:
    body = player.event("payment.paid")
    return [player.headed(body, None), player.headed(body, ""), player.headed(body, "t=1,v1=")]


def _wrong_secret(player: Player) -> list[Message]:
    return [player.signed(player.event("payment.paid"), secret="whsec_of_somebody_else")]


def _changed(player: Player) -> list[Message]:
    message = player.signed(player.event("payment.authorised"))
    return [message._replace(body=message.body.replace(b"payment.authorised", b"payment.paid"))]


def _new_time(player: Player) -> list[Message]:
    """An old message under a new time: the time is part of what is signed."""
    signature = sign(player.secret, body := player.event("payment.paid"), player.now - timedelta(days=1))
    mac = signature.partition(",")[2]
    return [player.headed(body, f"t={int(player.now.timestamp())},{mac}")]


def _old(player: Player) -> list[Message]:
    return [player.signed(player.event("payment.paid"), at=player.now - 2 * TOLERANCE)]


def _ahead(player: Player) -> list[Message]:
    return [player.signed(player.event("payment.paid"), at=player.now + 2 * TOLERANCE)]


def _nonsense(player: Player) -> list[Message]:
    return [player.signed(body) for body in (b"", b"{", b"[]", b"\xff\xfe", b'{"payment_id": 7}')]


CHECKS = (
    Check("reachable", "accepted", _paid),
    Check("in_order", "accepted", _in_order),
    Check("in_reverse", "accepted", _in_reverse),
    Check("twice", "accepted", _twice),
    Check("at_once", "accepted", _five_at_once, at_once=True),
    Check("late", "accepted", _late),
    Check("unknown_payment", "accepted", _unknown_payment),
    Check("new_words", "accepted", _new_words),
    Check("unsigned", "refused", _unsigned),
    Check("wrong_secret", "refused", _wrong_secret),
    Check("changed", "refused", _changed),
    Check("new_time", "refused", _new_time),
    Check("old", "refused", _old),
    Check("ahead", "refused", _ahead),
    Check("nonsense", "survived", _nonsense),
)
QUICK = "quick"
UNMOVED = "unmoved"
"""Judged over all of them: how long answers took, and whether the watched page still says the same."""

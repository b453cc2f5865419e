"""An attempt: one try to pay, with one method, in one session of one provider.

What is to be asked of the provider next follows from the attempt's state alone, so that whoever comes by (the return
page, a webhook, the sweeper, a process after a crash) goes on at the right place with the same key.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec

from contracts.money import Money
from payment.domain.payment import Method, Payment

AttemptState = Literal[
    "opening",  # recorded; the provider's session is being opened. Next: open, failed
    "open",  # the citizen is at the provider. Next: authorising, authorised, paid, closing, closed
    "closing",  # time is up, cancelled, or another method was chosen. Next: closed, authorised, paid
    "authorising",  # the citizen agreed; the money is being reserved or taken. Next: authorised, paid, open
    "authorised",  # money is reserved. Next: paid, voiding, closed (lapsed), failed
    "paid",  # money was captured
    "voiding",  # reserved money is being released. Next: voided
    "closed",
    "failed",  # the provider refused for good
    "voided",
    "review",  # it differs from what was asked, or its outcome stays unknown: a person decides
]
Provider = Literal["stripe", "paypal", "xbezahldienste"]
SeenStatus = Literal["open", "approved", "authorised", "paid", "closed"]

PROVIDERS_OF: dict[Method, tuple[Provider, ...]] = {
    "card": ("stripe",),
    "paypal": ("paypal",),
    "xbezahldienste": ("xbezahldienste",),
}
"""Who can serve a method; who does is each tenant's choice."""
MANUAL_METHODS: tuple[Method, ...] = ("card", "paypal")
"""Methods that reserve first and take later. XBezahldienste only takes."""
ENDS_BY_ITSELF: tuple[Provider, ...] = ("xbezahldienste",)
"""Nobody else can end a session there: while it is open, no other may be begun."""
LIVE_STATES: tuple[AttemptState, ...] = ("opening", "open", "closing", "authorising")
TRIES_MAX = 12
"""So many calls without an outcome turn a void into a case for a person."""

_RETRY_DELAYS_S = (1, 2, 5, 10, 30, 60, 300, 900, 3600)
_LOOK_DELAY_S: dict[AttemptState, int] = {"open": 15, "authorised": 3600}


class Call(StrEnum):
    OPEN = "create"
    READ = "read"
    CLOSE = "close"
    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"


class Card(msgspec.Struct, frozen=True):
    brand: str
    last4: str
    expiry_month: int | None = None
    expiry_year: int | None = None

    @property
    def name(self) -> str:
        """As people write it: Visa, Mastercard."""
        return self.brand.replace("_", " ").title()


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    payment_id: UUID
    state: AttemptState
    method: Method
    provider: Provider
    session_id: str | None = None
    redirect_url: str | None = None
    authorization_id: str | None = None
    authorization_expires_at: datetime | None = None
    capture_id: str | None = None
    captured_cents: int = 0
    card: Card | None = None
    last_decline: str | None = None
    tries: int = 0
    created_at: datetime

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def is_unclear(self) -> bool:
        """A call is under way, or the last one had no outcome. Who only has not paid yet is no such case."""
        return self.state in ("opening", "closing", "authorising", "voiding") or self.tries > 0


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of an attempt just now. `last_decline` also says why a refused call closed it."""

    status: SeenStatus
    amount: Money
    reference: str
    session_id: str | None = None
    redirect_url: str | None = None
    authorization_id: str | None = None
    authorization_expires_at: datetime | None = None
    capture_id: str | None = None
    card: Card | None = None
    last_decline: str | None = None


def is_method_for(payment: Payment, method: Method) -> bool:
    return payment.capture == "automatic" or method in MANUAL_METHODS


def provider_key(attempt_id: UUID, call: Call) -> str:
    """The idempotency key of a call: of our row's id, so that it survives every retry."""
    return f"att_{attempt_id}:{call}"


def next_call(payment: Payment, attempt: Attempt) -> Call:
    match attempt.state:
        case "opening":
            return Call.OPEN
        case "closing":
            return Call.CLOSE
        case "authorising":
            return Call.AUTHORISE
        case "voiding":
            return Call.VOID
        case "authorised" if _is_to_be_captured(payment, attempt):
            return Call.CAPTURE
        case _:
            return Call.READ


def _is_to_be_captured(payment: Payment, attempt: Attempt) -> bool:
    """Not while an earlier capture is pending at the provider: then there is only waiting."""
    return payment.state == "capturing" and payment.settled_attempt_id == attempt.id and attempt.capture_id is None


def next_look(payment: Payment, attempt: Attempt, now: datetime) -> datetime | None:
    """When the sweeper comes by again, if nobody else does before. None: nothing is open at the provider."""
    if attempt.state not in (*LIVE_STATES, "authorised", "voiding"):
        return None
    if attempt.tries == 0 and next_call(payment, attempt) is not Call.READ:
        return now
    if attempt.tries:
        return now + retry_delay(attempt.tries)
    delay_s = 60 if payment.state == "capturing" else _LOOK_DELAY_S.get(attempt.state, 60)
    return now + timedelta(seconds=delay_s)


def retry_delay(tries: int) -> timedelta:
    """Grows to an hour and never ends: one provider's bad day must not leave a payment stuck for ever."""
    return timedelta(seconds=_RETRY_DELAYS_S[min(tries, len(_RETRY_DELAYS_S)) - 1])

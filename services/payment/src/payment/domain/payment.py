"""A payment's states and the moves between them, as data that draws itself (`services/payment/README.md`).

A decline belongs to its attempt and never moves the payment. Who moves it stands in each transition's `when`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal, get_args
from uuid import UUID

import msgspec

from contracts.money import Money
from contracts.payment import PaymentEventType, PaymentState
from payment.domain.errors import IllegalMove

CaptureMode = Literal["automatic", "manual"]
Method = Literal["card", "paypal", "xbezahldienste"]
Language = Literal["de", "en"]

DEFAULT_LIFETIME_S = 1800
LIFETIME_S_MIN, LIFETIME_S_MAX = 60, 82_800
"""Stripe's sessions live for at most 24 hours, and ours must end before."""


class Trigger(StrEnum):
    CREATE = "create"
    CHOOSE = "choose"
    AUTHORISE = "authorise"
    PAY = "pay"
    CAPTURE = "capture"
    CAPTURE_DONE = "capture_done"
    CAPTURE_REFUSED = "capture_refused"
    VOID = "void"
    VOID_DONE = "void_done"
    CANCEL = "cancel"
    TIME_UP = "time_up"
    CLOSE_DONE = "close_done"
    LAPSE = "lapse"
    REVIEW = "review"
    REFUND = "refund"


class Transition(msgspec.Struct, frozen=True):
    source: PaymentState | None
    trigger: Trigger
    target: PaymentState
    when: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, Trigger.CREATE, "created", "a portal or booking creates it"),
    Transition("created", Trigger.CHOOSE, "pending", "the citizen chose a method"),
    Transition("pending", Trigger.CHOOSE, "pending", "the citizen tries again, or another method"),
    Transition("created", Trigger.CANCEL, "cancelled", "the caller cancels"),
    Transition("pending", Trigger.CANCEL, "cancelled", "the caller cancels; the session is closed"),
    Transition("created", Trigger.TIME_UP, "expired", "the time is up"),
    Transition("pending", Trigger.TIME_UP, "expiring", "the time is up; the session is being closed"),
    Transition("expiring", Trigger.CLOSE_DONE, "expired", "the provider confirmed that it is closed"),
    Transition("pending", Trigger.AUTHORISE, "authorised", "the provider reserved the money"),
    Transition("expiring", Trigger.AUTHORISE, "authorised", "the session turned out complete"),
    Transition("pending", Trigger.PAY, "paid", "the provider captured the money"),
    Transition("expiring", Trigger.PAY, "paid", "the session turned out complete"),
    Transition("authorised", Trigger.CAPTURE, "capturing", "the caller's capture command"),
    Transition("capturing", Trigger.CAPTURE_DONE, "paid", "the provider captured the money"),
    Transition("capturing", Trigger.CAPTURE_REFUSED, "capture_failed", "the provider refused for good"),
    Transition("authorised", Trigger.VOID, "voiding", "the caller cancels"),
    Transition("voiding", Trigger.VOID_DONE, "cancelled", "the provider released the money"),
    Transition("authorised", Trigger.LAPSE, "expired", "the authorisation lapsed at the provider"),
    Transition("paid", Trigger.REFUND, "paid", "money went back; the amount stands in `refunded`"),
)
"""All moves but one: `review` is reached from every state (`REVIEW`), and left by a person."""

STATES: tuple[PaymentState, ...] = get_args(PaymentState)
_TARGETS = {(transition.source, transition.trigger): transition.target for transition in TRANSITIONS}

EVENTS: dict[tuple[Trigger, PaymentState], PaymentEventType] = {
    (Trigger.AUTHORISE, "authorised"): "payment.authorised",
    (Trigger.PAY, "paid"): "payment.paid",
    (Trigger.CAPTURE_DONE, "paid"): "payment.paid",
    (Trigger.CAPTURE_REFUSED, "capture_failed"): "payment.capture_failed",
    (Trigger.CANCEL, "cancelled"): "payment.cancelled",
    (Trigger.VOID_DONE, "cancelled"): "payment.cancelled",
    (Trigger.TIME_UP, "expired"): "payment.expired",
    (Trigger.CLOSE_DONE, "expired"): "payment.expired",
    (Trigger.LAPSE, "expired"): "payment.expired",
    (Trigger.REFUND, "paid"): "payment.refunded",
    (Trigger.REVIEW, "review"): "payment.review",
}
"""Which moves the outside is told."""


def target_of(state: PaymentState | None, trigger: Trigger) -> PaymentState:
    """Raises IllegalMove."""
    if trigger is Trigger.REVIEW and state is not None:
        return "review"
    target = _TARGETS.get((state, trigger))
    if target is None:
        raise IllegalMove(f"A payment that is {state} cannot {trigger.replace('_', ' ')}.")
    return target


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    state: PaymentState
    version: int
    reference: str
    treasury_reference: str
    description: str
    amount_cents: int
    currency: str
    refunded_cents: int = 0
    capture: CaptureMode
    language: Language
    return_url: str
    settled_attempt_id: UUID | None = None
    cancel_requested_at: datetime | None = None
    review_cause: str | None = None
    expires_at: datetime
    created_at: datetime

    @property
    def amount(self) -> Money:
        return Money(self.amount_cents, self.currency)

    @property
    def is_open(self) -> bool:
        """The citizen may still pay."""
        return self.state in ("created", "pending") and self.cancel_requested_at is None

    @property
    def is_closing(self) -> bool:
        """Nobody may pay any more, and the provider's side is being closed."""
        return self.state == "expiring" or (self.state == "pending" and self.cancel_requested_at is not None)


def draw_diagram() -> str:
    """Mermaid source of the state diagram in the README."""
    lines = ["stateDiagram-v2"]
    for transition in TRANSITIONS:
        source = transition.source or "[*]"
        lines.append(f"    {source} --> {transition.target}: {transition.when}")
    return "\n".join(lines)

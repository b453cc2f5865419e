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
    REFUND_FAILED = "refund_failed"
    CHECK = "check"
    LOOK_AGAIN = "look_again"
    ACCEPT = "accept"
    TAKE = "take"
    RELEASE = "release"
    GIVE_BACK = "give_back"
    CLOSE = "close"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"


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
    Transition("pending", Trigger.CHECK, "pending", "unknown for 15 minutes; the citizen is told"),
    Transition("expiring", Trigger.CHECK, "expiring", "unknown for 15 minutes; the citizen is told"),
    Transition("capturing", Trigger.CHECK, "capturing", "unknown for 15 minutes; the citizen is told"),
    Transition("voiding", Trigger.CHECK, "voiding", "unknown for 15 minutes; the citizen is told"),
    Transition("review", Trigger.LOOK_AGAIN, "review", "a person has the provider asked again"),
    Transition("review", Trigger.ACCEPT, "paid", "a person accepts what came in"),
    Transition("review", Trigger.TAKE, "capturing", "a person has the reserved money taken"),
    Transition("review", Trigger.RELEASE, "voiding", "a person has the reserved money released"),
    Transition("review", Trigger.GIVE_BACK, "cancelled", "a person gives back what came in"),
    Transition("review", Trigger.CLOSE, "cancelled", "a person finds that no money came in"),
    Transition("paid", Trigger.DISPUTE, "paid", "the payer disputes it at the provider; refunds wait"),
    Transition("paid", Trigger.DISPUTE_WON, "paid", "the dispute was decided for the town"),
    Transition("paid", Trigger.DISPUTE_LOST, "paid", "the dispute was decided for the payer"),
)
"""All moves but two: `review` is reached from every state (`REVIEW`), and in every state a refund may fail for good."""

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
    (Trigger.CHECK, "pending"): "payment.checking",
    (Trigger.CHECK, "expiring"): "payment.checking",
    (Trigger.CHECK, "capturing"): "payment.checking",
    (Trigger.CHECK, "voiding"): "payment.checking",
    (Trigger.ACCEPT, "paid"): "payment.paid",
    (Trigger.GIVE_BACK, "cancelled"): "payment.cancelled",
    (Trigger.CLOSE, "cancelled"): "payment.cancelled",
    **{(Trigger.REFUND_FAILED, state): "payment.refund_failed" for state in STATES},
}
"""Which moves the outside is told."""


def target_of(state: PaymentState | None, trigger: Trigger) -> PaymentState:
    """Raises IllegalMove."""
    if trigger is Trigger.REVIEW and state is not None:
        return "review"
    if trigger is Trigger.REFUND_FAILED and state is not None:
        return state  # of a stray payment, too: it is late, or made twice
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

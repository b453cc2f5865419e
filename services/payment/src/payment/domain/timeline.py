"""A payment's story for the citizen: what happened, when, and what it means for the money. No ids, no inner causes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from payment.domain.attempt import Attempt
from payment.domain.payment import Method, Payment, Trigger
from payment.domain.refund import Refund, RefundState

Word = Literal[
    "created",
    "chosen",
    "reserved",
    "taking",
    "paid",
    "not_taken",
    "releasing",
    "released",
    "cancelled",
    "time_up",
    "expired",
    "lapsed",
    "checking",
    "review",
    "given_back",
    "charged_back",
    "charge_returned",
    "refund",
]
_WORDS: Mapping[Trigger, Word] = {
    Trigger.CREATE: "created",
    Trigger.CHOOSE: "chosen",
    Trigger.AUTHORISE: "reserved",
    Trigger.CAPTURE: "taking",
    Trigger.TAKE: "taking",
    Trigger.PAY: "paid",
    Trigger.CAPTURE_DONE: "paid",
    Trigger.ACCEPT: "paid",
    Trigger.CAPTURE_REFUSED: "not_taken",
    Trigger.VOID: "releasing",
    Trigger.RELEASE: "releasing",
    Trigger.VOID_DONE: "released",
    Trigger.CANCEL: "cancelled",
    Trigger.CLOSE: "cancelled",
    Trigger.TIME_UP: "time_up",
    Trigger.CLOSE_DONE: "expired",
    Trigger.LAPSE: "lapsed",
    Trigger.CHECK: "checking",
    Trigger.REVIEW: "review",
    Trigger.GIVE_BACK: "given_back",
    Trigger.DISPUTE_LOST: "charged_back",
    Trigger.DISPUTE_WON: "charge_returned",
}
"""What is not here (a refund's own entries, another look of the treasury, an open dispute) is told otherwise, or not at
all: who disputes a payment hears of it from the bank or PayPal. What became of the money stands here.
"""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    word: Word
    amount_cents: int | None = None
    method: Method | None = None
    """By which it is paid, or to which the money goes back."""
    outcome: Literal["declined", "unfinished"] | None = None
    """Of a method that was chosen, where no money came of it."""
    refund_state: RefundState | None = None


def tell(
    payment: Payment,
    moves: Sequence[tuple[Trigger, datetime]],
    attempts: Sequence[Attempt],
    refunds: Sequence[Refund],
) -> list[Step]:
    """In the order in which it happened."""
    moved_money = [(trigger, at) for trigger, at in moves if trigger is not Trigger.DISPUTE_WON or _lost(moves, at)]
    steps = [_step(payment, word, at, attempts) for trigger, at in moved_money if (word := _WORDS.get(trigger))]
    methods = {attempt.id: attempt.method for attempt in attempts}
    given_back = [
        Step(
            at=refund.created_at,
            word="refund",
            amount_cents=refund.amount_cents,
            method=methods.get(refund.attempt_id),
            refund_state=refund.state,
        )
        for refund in refunds
    ]
    return sorted([*steps, *given_back], key=lambda step: step.at)


def _lost(moves: Sequence[tuple[Trigger, datetime]], before: datetime) -> bool:
    """A dispute that was won from the start moved nothing that the citizen was told of."""
    return any(trigger is Trigger.DISPUTE_LOST and at <= before for trigger, at in moves)


def _step(payment: Payment, word: Word, at: datetime, attempts: Sequence[Attempt]) -> Step:
    if word != "chosen":
        return Step(at=at, word=word, amount_cents=payment.amount_cents if word in ("reserved", "paid") else None)
    attempt = next((each for each in attempts if each.created_at == at), None)
    if attempt is None:
        return Step(at=at, word=word)
    return Step(at=at, word=word, method=attempt.method, outcome=_outcome(payment, attempt))


def _outcome(payment: Payment, attempt: Attempt) -> Literal["declined", "unfinished"] | None:
    if attempt.id == payment.settled_attempt_id or attempt.captured_cents:
        return None
    if attempt.last_decline:
        return "declined"
    return "unfinished" if attempt.state in ("closed", "failed") else None

from datetime import timedelta
from typing import Any, get_args
from uuid import uuid4

import pytest
from tests.payment.domain.samples import NOW, attempt, payment

from payment.domain.payment import TRANSITIONS, Trigger
from payment.domain.refund import Refund
from payment.domain.timeline import Word, tell

T = Trigger


def at(minute: int) -> Any:
    return NOW + timedelta(minutes=minute)


def words(*triggers: Trigger) -> list[Word]:
    moves = [(trigger, at(minute)) for minute, trigger in enumerate(triggers)]
    return [step.word for step in tell(payment(), moves, [], [])]


def test_reserved_is_not_yet_charged() -> None:
    assert words(T.CREATE, T.CHOOSE, T.AUTHORISE, T.CAPTURE, T.CAPTURE_DONE) == [
        "created",
        "chosen",
        "reserved",
        "taking",
        "paid",
    ]
    assert words(T.AUTHORISE, T.VOID, T.VOID_DONE) == ["reserved", "releasing", "released"]


def test_every_move_is_told_or_left_out_on_purpose() -> None:
    silent = {t for t in Trigger if not words(t)}
    assert silent == {T.REFUND, T.REFUND_FAILED, T.LOOK_AGAIN, T.DISPUTE, T.DISPUTE_WON}
    assert {transition.trigger for transition in TRANSITIONS} | {T.REVIEW, T.REFUND_FAILED} == set(Trigger)
    told = {word for t in Trigger for word in words(t)}
    assert {*told, *words(T.DISPUTE_LOST, T.DISPUTE_WON), "refund"} == set(get_args(Word))


def test_a_dispute_is_told_where_it_moved_money() -> None:
    assert words(T.PAY, T.DISPUTE, T.DISPUTE_WON) == ["paid"]
    assert words(T.PAY, T.DISPUTE, T.DISPUTE_LOST, T.DISPUTE_WON) == ["paid", "charged_back", "charge_returned"]


def test_a_decline_stands_with_the_try_that_it_belongs_to() -> None:
    card = attempt("closed", created_at=at(1), last_decline="insufficient_funds")
    given_up = attempt("closed", created_at=at(2))
    paypal = attempt("paid", created_at=at(3), method="paypal", captured_cents=4600, last_decline="first_try")
    moves = [(T.CHOOSE, at(minute)) for minute in (1, 2, 3)]
    steps = tell(payment("paid", settled_attempt_id=paypal.id), moves, [paypal, given_up, card], [])
    assert [(step.method, step.outcome) for step in steps] == [
        ("card", "declined"),
        ("card", "unfinished"),
        ("paypal", None),
    ]


@pytest.mark.parametrize("state", ["requested", "submitted", "succeeded", "failed"])
def test_a_refund_says_how_much_and_where_to(state: Any) -> None:
    paid = attempt("paid", method="paypal")
    refund = Refund(
        id=uuid4(),
        tenant="heinsberg",
        payment_id=uuid4(),
        attempt_id=paid.id,
        state=state,
        amount_cents=700,
        currency="EUR",
        reason="reduced",
        requested_by="rule:reduced",
        created_at=at(3),
    )
    (step,) = tell(payment("paid"), [(T.REFUND, at(4))], [paid], [refund])
    assert (step.word, step.amount_cents, step.method, step.refund_state) == ("refund", 700, "paypal", state)

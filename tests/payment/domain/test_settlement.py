"""What a look at the provider decides: a second look decides nothing, and no look makes money vanish."""

from typing import Any, get_args
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.payment.domain.samples import NOW, after, attempt, payment, seen

from contracts.money import Money
from payment.domain.attempt import Attempt, AttemptState, Seen, SeenStatus, next_call, next_look
from payment.domain.payment import STATES, Payment, Trigger
from payment.domain.settlement import decide

STATUSES = get_args(SeenStatus)
ATTEMPT_STATES = get_args(AttemptState)


situations = some.tuples(
    some.sampled_from(STATES),
    some.sampled_from(ATTEMPT_STATES),
    some.sampled_from(STATUSES),
    some.booleans(),
    some.sampled_from(["automatic", "manual"]),
    some.booleans(),
)


def situation(drawn: Any) -> tuple[Payment, Attempt, Seen]:
    state, attempt_state, status, counts, capture, is_cancelled = drawn
    tried = attempt(attempt_state)
    of = payment(
        state,
        capture=capture,
        settled_attempt_id=tried.id if counts else uuid4(),
        cancel_requested_at=NOW if is_cancelled else None,
    )
    return of, tried, seen(status)


@given(situations)
def test_no_look_makes_an_illegal_move(drawn: Any) -> None:
    of, tried, look = situation(drawn)
    after(of, decide(of, tried, look))  # raises IllegalMove if it did


@given(situations)
def test_the_second_look_moves_and_books_nothing(drawn: Any) -> None:
    of, tried, look = situation(drawn)
    first = decide(of, tried, look)
    if not first.triggers and first.attempt.state == tried.state:
        return
    of = after(of, first)
    second = decide(of, first.attempt, look)
    if first.attempt.state in ("paid", "closed", "failed", "voided", "review"):
        assert (second.triggers, second.is_captured, second.refund) == ((), False, None)


@given(situations)
def test_money_that_was_taken_is_booked(drawn: Any) -> None:
    of, tried, _ = situation(drawn)
    decided = decide(of, tried, seen("paid"))
    if tried.state not in ("paid", "review"):
        assert decided.is_captured
        assert decided.attempt.captured_cents == 4600


@given(situations)
def test_what_is_reserved_or_open_is_looked_at_again(drawn: Any) -> None:
    of, tried, look = situation(drawn)
    decided = decide(of, tried, look)
    if decided.attempt.state in ("opening", "open", "closing", "authorising", "authorised", "voiding"):
        assert next_look(after(of, decided), decided.attempt, NOW) is not None


@pytest.mark.parametrize(
    "change", [{"amount": Money(4599)}, {"amount": Money(4600, "USD")}, {"reference": "HS-2"}], ids=str
)
@pytest.mark.parametrize("status", ["authorised", "paid"])
def test_what_differs_is_reviewed(status: str, change: dict[str, Any]) -> None:
    decided = decide(payment(), attempt(), seen(status, **change))
    assert decided.triggers == (Trigger.REVIEW,)
    assert decided.attempt.state == "review"


def test_calls_follow_from_the_state_alone() -> None:
    calls = {state: next_call(payment(), attempt(state)) for state in ATTEMPT_STATES}
    assert calls["opening"] == "create"
    assert calls["closing"] == "close"
    assert calls["authorising"] == "authorise"
    assert calls["voiding"] == "void"
    assert calls["open"] == calls["authorised"] == "read"
    counting = attempt("authorised")
    of = payment("capturing", settled_attempt_id=counting.id)
    assert next_call(of, counting) == "capture"
    assert next_call(of, attempt("authorised")) == "read"
    assert next_call(of, msgspec.structs.replace(counting, capture_id="pending")) == "read"

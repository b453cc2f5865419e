"""What a person may decide, from the facts alone: money that came in is not forgotten, and there is a way out."""

from datetime import timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.payment.domain.samples import NOW, after, attempt, payment, seen

from contracts.money import Money
from payment.domain.attempt import AttemptState, Seen, SeenStatus
from payment.domain.payment import Payment, Trigger, target_of
from payment.domain.review import DECISIONS, Finding, Plan, plan
from payment.domain.settlement import Refusal, decide

REVIEWED = payment("review", review_cause="amount_differs")
FINAL = {"accept", "accept_amount", "take", "release", "give_back", "returned", "close"}


def finding(state: Any = "review", says: Any = None, **changes: Any) -> Finding:
    return Finding(attempt(state, **changes), says)


def possible(*findings: Finding, of: Payment = REVIEWED) -> set[str]:
    return {each for each in DECISIONS if isinstance(plan(each, of, findings, NOW), Plan)} - {"look_again"}


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([finding("paid", seen("paid"), captured_cents=4600)], {"accept", "give_back"}),
        ([finding("review", seen("paid"), captured_cents=4500)], {"accept_amount", "give_back"}),
        ([finding("review", seen("authorised"))], {"take", "release"}),
        ([finding("review", seen("authorised", amount=Money(1)))], {"release"}),
        ([finding("review", seen("authorised", reference="HS-2"))], {"release"}),
        ([finding("closed"), finding("failed")], {"close"}),
        ([], {"close"}),
        ([finding("review", None)], {"release"}),
        ([finding("review", None, authorization_expires_at=NOW - timedelta(days=1))], {"close"}),
        ([finding("review", seen("paid", amount=Money(4600, "USD")))], {"returned"}),
        ([finding("review", seen("paid", reference="HS-2")), finding("review", seen("authorised"))], {"returned"}),
        ([finding("paid", seen("paid"), captured_cents=4600), finding("voiding")], set()),
        ([finding("paid", seen("paid"), captured_cents=4600), finding("open")], set()),
    ],
    ids=range(13),
)
def test_the_facts_say_what_is_possible(findings: list[Finding], expected: set[str]) -> None:
    assert possible(*findings) == expected


def test_outside_of_the_queue_nothing_is_decided() -> None:
    assert plan("look_again", payment("paid"), [], NOW) == "not_in_review"


def test_one_capture_counts_and_the_others_go_back() -> None:
    right, wrong = finding("paid", seen("paid"), captured_cents=4600), finding("review", None, captured_cents=100)
    reserved = finding("review", seen("authorised"))
    chosen = plan("accept", REVIEWED, [wrong, right, reserved], NOW)
    assert isinstance(chosen, Plan)
    assert chosen.settled == right.attempt
    assert chosen.duplicates == (wrong.attempt,)
    assert [(each.id, each.state) for each in chosen.attempts] == [
        (right.attempt.id, "paid"),
        (wrong.attempt.id, "paid"),
        (reserved.attempt.id, "voiding"),
    ]


facts = some.builds(
    lambda state, status, cents, amount: finding(
        state, status and seen(status, amount=Money(amount)), captured_cents=cents
    ),
    some.sampled_from(get_args(AttemptState)),
    some.sampled_from([None, *get_args(SeenStatus)]),
    some.sampled_from([0, 0, 4600, 4500]),
    some.sampled_from([4600, 4500]),
)


@given(some.lists(facts, max_size=4))
def test_each_decision_is_a_listed_move_and_forgets_no_money(findings: list[Finding]) -> None:
    captured = {each.attempt.id for each in findings if each.attempt.captured_cents}
    for decision in FINAL:
        chosen = plan(decision, REVIEWED, findings, NOW)  # type: ignore[arg-type] # a decision's name
        if isinstance(chosen, Plan):
            target_of("review", chosen.trigger)  # raises IllegalMove if it were none
            kept = {chosen.settled.id} if chosen.settled else set()
            assert captured <= kept | {each.id for each in (*chosen.duplicates, *chosen.gives_back)}


@given(some.lists(facts, max_size=4))
def test_there_is_a_way_out_of_everything_that_has_come_to_rest(findings: list[Finding]) -> None:
    at_rest = [each for each in findings if not each.attempt.is_live and each.attempt.state != "voiding"]
    assert possible(*at_rest)


def test_a_look_in_review_books_what_came_in_once_and_moves_nothing() -> None:
    first = decide(REVIEWED, attempt("review"), seen("paid", amount=Money(4500)))
    assert (first.attempt.state, first.attempt.captured_cents, first.is_captured) == ("review", 4500, True)
    second = decide(REVIEWED, first.attempt, seen("paid", amount=Money(4500)))
    assert (second.triggers, second.is_captured) == ((), False)
    assert decide(REVIEWED, attempt("review"), seen("closed")).attempt.state == "closed"


@pytest.mark.parametrize("change", [{"amount": Money(4600, "USD")}, {"reference": "HS-2"}], ids=str)
def test_another_currency_or_reference_is_never_booked(change: dict[str, Any]) -> None:
    assert not decide(REVIEWED, attempt("review"), seen("paid", **change)).is_captured


def test_what_a_person_accepted_is_not_reviewed_again() -> None:
    accepted = attempt("paid", captured_cents=4500)
    of = payment("paid", settled_attempt_id=accepted.id)
    assert decide(of, accepted, seen("paid", amount=Money(4500))).triggers == ()


def beside(state: str) -> Payment:
    return payment(state, settled_attempt_id=attempt().id)


@pytest.mark.parametrize("state", ["authorised", "capturing", "paid", "capture_failed"])
def test_an_attempt_beside_the_one_that_counts_leaves_the_payment_alone(state: str) -> None:
    refused = decide(beside(state), attempt("voiding", tries=40), Refusal("not_voidable"))
    assert (refused.triggers, refused.attempt.state, refused.attempt.tries) == ((), "voiding", 41)
    differs = decide(beside(state), attempt("closed"), seen("paid", amount=Money(4500)))
    assert (differs.triggers, differs.is_captured, differs.refund is not None) == ((), True, True)
    reserved = decide(beside(state), attempt("closed"), seen("authorised", amount=Money(4500)))
    assert (reserved.triggers, reserved.attempt.state) == ((), "voiding")


def test_the_refused_void_of_the_one_that_counts_is_a_case_for_a_person() -> None:
    counts = attempt("voiding")
    of = payment("voiding", settled_attempt_id=counts.id)
    settlement = decide(of, counts, Refusal("not_voidable"))
    assert settlement.triggers == (Trigger.REVIEW,)
    moved = msgspec.structs.replace(after(of, settlement), review_cause="not_voidable")
    looked = decide(moved, settlement.attempt, Seen(status="authorised", amount=Money(4600), reference="HS-1"))
    assert possible(Finding(looked.attempt, seen("authorised")), of=moved) == {"take", "release"}

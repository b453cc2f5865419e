"""News of a payment: late, twice, in any order."""

from itertools import permutations
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.booking.domain.samples import NOW, PAYMENT, appointment, awaiting, paid

from booking.domain.appointment import Appointment, Command, Decision
from booking.domain.change import cancel
from booking.domain.reservation import expire
from booking.domain.settlement import PaymentNews, refuse_late, settle

OTHER = UUID("0193aaaa-0000-7000-8000-000000000002")


def news(state: str, version: int, **changes: object) -> PaymentNews:
    said = {"payment_id": PAYMENT, "version": version, "state": state, "amount_cents": 4600, "refunded_cents": 0}
    return msgspec.convert(said | changes, PaymentNews)


AUTHORISED = news("authorised", 3)
PAID = news("paid", 5)
REFUNDED = news("paid", 6, refunded_cents=4600)


def hear(appointment: Appointment, *heard: PaymentNews) -> tuple[Appointment, list[Decision]]:
    decisions = []
    for each in heard:
        while decision := settle(appointment, each, NOW):
            decisions.append(decision)
            appointment = decision.after
            if each.payment_id != appointment.payment_id:
                break
    return appointment, decisions


def commands(decisions: list[Decision]) -> list[Command]:
    return [command for decision in decisions for command in decision.commands]


def test_an_authorisation_confirms_and_captures_in_one_step() -> None:
    after, (decision,) = hear(awaiting(), AUTHORISED)
    assert after.state == "confirmed"
    assert [command.verb for command in decision.commands] == ["capture"]
    assert decision.event == "appointment.confirmed"


def test_the_capture_brings_the_receipt() -> None:
    after, decisions = hear(awaiting(), AUTHORISED, PAID)
    assert (after.payment_state, after.paid_cents) == ("paid", 4600)
    assert [decision.event for decision in decisions] == ["appointment.confirmed", "appointment.paid"]


@given(st.lists(st.sampled_from([AUTHORISED, news("capturing", 4), PAID, REFUNDED]), max_size=8))
def test_whatever_the_order_each_fact_is_told_once(heard: list[PaymentNews]) -> None:
    after, decisions = hear(awaiting(), *heard, REFUNDED)
    events = [decision.event for decision in decisions if decision.event]
    assert events == ["appointment.confirmed", "appointment.paid", "appointment.refunded"]
    assert (after.state, after.paid_cents, after.refunded_cents) == ("confirmed", 4600, 4600)
    assert after.payment_version == 6
    assert len([command for command in commands(decisions) if command.verb == "capture"]) <= 1


def test_a_late_authorisation_takes_the_slot_again() -> None:
    lapsed = expire(awaiting(expires_at=NOW), NOW).after
    after, (decision,) = hear(lapsed, AUTHORISED)
    assert decision.takes_slot
    assert after.state == "confirmed"


def test_without_its_slot_the_money_is_not_taken_and_the_citizen_is_told() -> None:
    lapsed = expire(awaiting(expires_at=NOW), NOW).after
    decision = refuse_late(lapsed, AUTHORISED, NOW)
    assert decision.after.state == "expired"
    assert [command.verb for command in decision.commands] == ["cancel"]
    assert decision.event == "appointment.expired"
    assert settle(decision.after, AUTHORISED, NOW) is None


def test_money_captured_without_a_slot_goes_back() -> None:
    lapsed = expire(awaiting(expires_at=NOW), NOW).after
    (command,) = refuse_late(lapsed, PAID, NOW).commands
    assert (command.verb, command.amount_cents, command.reason) == ("refund", 4600, "late")


def test_a_capture_that_overtakes_the_cancellation_is_refunded() -> None:
    authorised, _ = hear(awaiting(), AUTHORISED)
    cancelled = cancel(authorised, NOW)
    assert [command.verb for command in cancelled.commands] == ["cancel"]
    after, decisions = hear(cancelled.after, PAID)
    (refund,) = commands(decisions)
    assert (refund.verb, refund.amount_cents, refund.reason) == ("refund", 4600, "cancelled_in_time")
    assert [decision.event for decision in decisions] == [None]
    assert hear(after, REFUNDED)[1][0].event == "appointment.refunded"


def test_a_refund_that_fails_for_good_is_told_whatever_news_it_comes_with() -> None:
    failed = msgspec.structs.replace(PAID, version=PAID.version + 1, refund_failed=True)
    cancelled = cancel(hear(awaiting(), PAID)[0], NOW).after
    after, decisions = hear(cancelled, failed)
    assert [decision.event for decision in decisions] == ["appointment.refund_delayed"]
    assert (after.state, commands(decisions)) == (cancelled.state, [])
    assert hear(after, failed)[1] == []
    gap = msgspec.structs.replace(failed, refunded_cents=1000)  # the first we hear of the payment at all
    _, decisions = hear(awaiting(), gap)
    assert [decision.event for decision in decisions] == [
        "appointment.confirmed",
        "appointment.paid",
        "appointment.refunded",
        "appointment.refund_delayed",
    ]
    lost = msgspec.structs.replace(news("cancelled", 9), refund_failed=True)
    assert hear(awaiting(), lost)[1][-1].event == "appointment.refund_delayed"


def test_a_cancelled_one_that_is_authorised_is_voided() -> None:
    cancelled = cancel(awaiting(), NOW).after
    after, decisions = hear(cancelled, AUTHORISED)
    assert after.state == "cancelled_by_citizen"
    assert [command.verb for command in commands(decisions)] == ["cancel"]


@pytest.mark.parametrize("state", ["capture_failed", "cancelled", "expired"])
def test_money_that_does_not_come_is_due_at_the_counter(state: str) -> None:
    confirmed, _ = hear(awaiting(), AUTHORISED)
    after, (decision,) = hear(confirmed, news(state, 5))
    assert (after.state, after.payment_mode) == ("confirmed", "counter")
    assert decision.event == "appointment.confirmed"


def test_a_capture_that_failed_before_we_heard_of_anything_still_confirms() -> None:
    after, _ = hear(awaiting(), news("capture_failed", 5))
    assert (after.state, after.payment_mode) == ("confirmed", "counter")


def test_a_review_is_told() -> None:
    after, (decision,) = hear(awaiting(), news("review", 4))
    assert decision.event == "appointment.payment_checking"
    assert after.state == "awaiting_payment"


def test_a_review_that_goes_on_is_told_once() -> None:
    after, _ = hear(awaiting(), news("review", 4))
    assert [decision.event for decision in hear(after, news("review", 5))[1]] == [None]


def test_what_is_unknown_for_long_is_told() -> None:
    unclear = msgspec.structs.replace(news("pending", 4), checking=True)
    after, (decision,) = hear(awaiting(), unclear)
    assert decision.event == "appointment.payment_checking"
    assert hear(after, unclear)[1] == []
    confirmed, _ = hear(awaiting(), AUTHORISED)
    after, (decision,) = hear(confirmed, msgspec.structs.replace(news("capturing", 6), checking=True))
    assert (after.state, decision.event) == ("confirmed", "appointment.payment_checking")


def test_an_expired_payment_leaves_the_reservation_to_the_clock() -> None:
    after, (decision,) = hear(awaiting(), news("expired", 4))
    assert (after.state, decision.event) == ("awaiting_payment", None)


def test_a_payment_that_is_no_longer_ours_is_undone() -> None:
    counter = appointment(state="confirmed", payment_mode="counter", expires_at=None)
    assert [command.verb for command in commands(hear(counter, AUTHORISED)[1])] == ["cancel"]
    renewed = awaiting(payment_id=OTHER)
    (refund,) = commands(hear(renewed, PAID)[1])
    assert (refund.payment_id, refund.verb, refund.reason) == (PAYMENT, "refund", "duplicate")
    assert settle(renewed, news("paid", 6, refund_failed=True), NOW) is None
    assert settle(counter, news("expired", 4), NOW) is None


def test_old_and_repeated_news_changes_nothing() -> None:
    for order in permutations([AUTHORISED, PAID, news("capturing", 4)]):
        assert hear(paid(payment_version=5), *order)[1] == []

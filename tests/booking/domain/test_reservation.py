from datetime import timedelta

import pytest
from tests.booking.domain.samples import NOW, PAYMENT, appointment, awaiting

from booking.domain import reservation
from booking.domain.errors import Conflict, HoldExhausted, HoldExpired
from contracts.money import Money
from contracts.payment import PaymentView

MINUTE = timedelta(minutes=1)


def payment(**changes: object) -> PaymentView:
    fields: dict[str, object] = {
        "id": PAYMENT,
        "state": "created",
        "version": 1,
        "reference": "…",
        "amount": Money(4600),
        "refunded": Money(0),
        "next_url": "https://pay.example/checkout/x",
        "treasury_reference": "ERK-1",
        "expires_at": NOW + 30 * MINUTE,
    }
    return PaymentView(**(fields | changes))  # type: ignore[arg-type] # a test's shorthand


def test_a_hold_is_extended_ten_times_by_five_minutes() -> None:
    held = appointment()
    for _ in range(10):
        held = reservation.extend(held, NOW).after
    assert held.expires_at == NOW + 65 * MINUTE
    with pytest.raises(HoldExhausted):
        reservation.extend(held, NOW)


def test_a_lapsed_hold_is_not_extended() -> None:
    with pytest.raises(HoldExpired):
        reservation.extend(appointment(), NOW + 15 * MINUTE)


def test_going_to_the_checkout_reserves_35_minutes_from_then() -> None:
    after = reservation.go_to_checkout(appointment(), None, NOW + 10 * MINUTE).after
    assert after.expires_at == NOW + 45 * MINUTE
    assert after.payment_mode == "online"
    assert reservation.payment_expires_in_s(after) == 1800


def test_a_reservation_lasts_90_minutes_in_all_and_the_payment_ends_five_before_it() -> None:
    late = appointment(expires_at=NOW + 65 * MINUTE, extension_count=10)
    after = reservation.go_to_checkout(late, None, NOW + 64 * MINUTE).after
    assert after.expires_at == NOW + 90 * MINUTE
    assert reservation.payment_expires_in_s(after) == 21 * 60


def test_too_little_time_for_a_payment_is_said_at_once() -> None:
    over = awaiting(payment_state="expired", expires_at=NOW + 90 * MINUTE)
    with pytest.raises(HoldExhausted):
        reservation.go_to_checkout(over, None, NOW + 81 * MINUTE)


def test_a_lapsed_one_starts_anew() -> None:
    decision = reservation.go_to_checkout(appointment(state="expired", expires_at=None), None, NOW + 80 * MINUTE)
    assert decision.takes_slot
    assert decision.after.expires_at == NOW + 115 * MINUTE
    assert decision.after.held_at == NOW + 80 * MINUTE


def test_a_double_click_is_one_intent_and_later_it_is_a_new_one() -> None:
    after = reservation.go_to_checkout(appointment(), "https://a.example", NOW).after
    assert reservation.is_same_intent(after, "https://a.example", NOW + MINUTE)
    assert not reservation.is_same_intent(after, "https://b.example", NOW + MINUTE)
    assert not reservation.is_same_intent(after, "https://a.example", NOW + 5 * MINUTE)
    assert not reservation.is_same_intent(appointment(), None, NOW)


def test_the_reservation_outlives_the_payment_by_five_minutes() -> None:
    prepared = reservation.go_to_checkout(appointment(), None, NOW).after
    decision = reservation.await_payment(prepared, payment(), NOW)
    assert decision.after.expires_at == NOW + 35 * MINUTE
    assert decision.event == "appointment.awaiting_payment"
    assert decision.after.payment_id == PAYMENT


def test_it_lapses_when_its_time_is_over_and_not_before() -> None:
    with pytest.raises(HoldExpired):
        reservation.expire(appointment(), NOW)
    decision = reservation.expire(appointment(), NOW + 15 * MINUTE)
    assert decision.frees_slot
    assert decision.event == "appointment.expired"
    with pytest.raises(HoldExpired):
        reservation.expire(appointment(state="confirmed", expires_at=None), NOW + 15 * MINUTE)


def test_only_who_pays_is_told_to_go_on() -> None:
    assert reservation.tell_unfinished(awaiting(), NOW).event == "appointment.payment_unfinished"
    with pytest.raises(Conflict):
        reservation.tell_unfinished(appointment(state="confirmed"), NOW)

from datetime import timedelta

import pytest
from tests.booking.domain.samples import NOW, PAYMENT, appointment, awaiting, paid

from booking.domain.change import NewSlot, cancel, move
from booking.domain.errors import Conflict, TooLate

LATER = NewSlot(2, appointment().unit_id, NOW + timedelta(days=3), NOW + timedelta(days=3, minutes=15), 5000)


def test_a_move_keeps_number_and_uid_and_is_a_newer_revision() -> None:
    before = paid(reminded_at=NOW)
    after = move(before, LATER, NOW).after
    assert (after.number, after.citizen_uid) == (before.number, before.citizen_uid)
    assert after.citizen_sequence == before.citizen_sequence + 1
    assert (after.lane_id, after.starts_at, after.reminded_at) == (2, LATER.starts_at, None)


def test_a_new_day_may_have_a_new_fee_unless_it_is_paid() -> None:
    assert move(paid(), LATER, NOW).after.fee_cents == 4600
    assert move(paid(payment_mode="counter", paid_cents=0), LATER, NOW).after.fee_cents == 5000


def test_only_a_confirmed_visit_moves() -> None:
    for state in ("held", "awaiting_payment", "expired", "cancelled_by_citizen"):
        with pytest.raises(Conflict):
            move(appointment(state=state), LATER, NOW)


def test_a_visit_that_began_is_the_offices_business() -> None:
    begun = paid(starts_at=NOW)
    with pytest.raises(TooLate):
        cancel(begun, NOW)


@pytest.mark.parametrize(
    ("before", "verb", "cents"),
    [
        (appointment(), None, None),
        (awaiting(), "cancel", None),
        (paid(payment_state="authorised", paid_cents=0), "cancel", None),
        (paid(), "refund", 4600),
        (paid(refunded_cents=1600), "refund", 3000),
        (paid(refunded_cents=4600), None, None),
        (paid(payment_state="capture_failed", paid_cents=0, payment_mode="counter"), None, None),
    ],
)
def test_a_cancellation_gives_back_what_was_taken(before: object, verb: str | None, cents: int | None) -> None:
    decision = cancel(before, NOW)  # type: ignore[arg-type] # parametrized
    assert decision.frees_slot
    assert [(command.verb, command.payment_id, command.amount_cents) for command in decision.commands] == (
        [(verb, PAYMENT, cents)] if verb else []
    )

from datetime import timedelta

import pytest
from tests.booking.domain.samples import NOW, PAYMENT, appointment, awaiting, paid

from booking.domain.appointment import By
from booking.domain.change import (
    Deadlines,
    NewSlot,
    cancel,
    cancel_by_office,
    move,
    reassign,
    require_movable,
)
from booking.domain.errors import Conflict, TooLate

LATER = NewSlot(2, appointment().unit_id, NOW + timedelta(days=3), NOW + timedelta(days=3, minutes=15), 5000)
STAFF = By("staff", "anna.claessen")


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
    for state in ("awaiting_email", "awaiting_payment", "expired", "cancelled_by_citizen", "checked_in"):
        with pytest.raises(Conflict):
            move(appointment(state=state), LATER, NOW)


def test_what_is_only_reserved_gets_another_time_without_a_word_and_without_more_of_it() -> None:
    before = appointment()
    decision = move(before, LATER, NOW)
    assert (decision.event, decision.after.state, decision.after.starts_at) == (None, "held", LATER.starts_at)
    assert (decision.after.expires_at, decision.after.citizen_sequence) == (before.expires_at, 0)
    with pytest.raises(Conflict):
        move(appointment(payment_mode="online"), LATER, NOW)


def test_a_move_gives_an_overbooked_visit_a_slot_of_its_own() -> None:
    assert not move(paid(overbooked=True), LATER, NOW).after.overbooked


def test_a_visit_that_began_is_the_offices_business() -> None:
    begun = paid(starts_at=NOW)
    with pytest.raises(TooLate):
        cancel(begun, NOW)
    assert cancel(begun, NOW, by=STAFF).after.state == "cancelled_by_citizen"


def test_after_the_deadline_the_citizen_has_to_call() -> None:
    deadlines = Deadlines(cancel_until_h=24, reschedule_until_h=48, phone="02452 130")
    before = paid(starts_at=NOW + timedelta(hours=24), ends_at=NOW + timedelta(hours=25))
    with pytest.raises(TooLate, match=r"24 hours.*02452 130"):
        cancel(before, NOW, deadlines)
    with pytest.raises(TooLate, match=r"48 hours.*02452 130"):
        require_movable(before, NOW, deadlines)
    assert cancel(before, NOW - timedelta(seconds=1), deadlines).frees_slot
    assert cancel(before, NOW, deadlines, STAFF).frees_slot
    reserved = appointment(starts_at=before.starts_at, ends_at=before.ends_at)
    assert cancel(reserved, NOW, deadlines).frees_slot


def test_the_office_cancels_with_its_reason_and_gives_all_back() -> None:
    decision = cancel_by_office(paid(starts_at=NOW), "Wasserrohrbruch", NOW, STAFF)
    assert (decision.after.office_note, decision.event) == ("Wasserrohrbruch", "appointment.cancelled")
    assert [(command.verb, command.reason) for command in decision.commands] == [("refund", "cancelled_by_office")]


def test_another_clerk_keeps_the_citizens_entry() -> None:
    for state in ("confirmed", "checked_in"):
        decision = reassign(paid(state=state), 9, NOW, STAFF)
        assert (decision.after.state, decision.after.lane_id, decision.after.citizen_sequence) == (state, 9, 0)
    with pytest.raises(Conflict):
        reassign(paid(state="in_service"), 9, NOW, STAFF)


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

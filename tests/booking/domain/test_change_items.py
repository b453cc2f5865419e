"""What becomes of the fee when a visit's services change."""

from datetime import timedelta

import pytest
from tests.booking.domain.samples import NOW, appointment, paid

from booking.domain.appointment import Appointment, Decision
from booking.domain.change import give_back
from booking.domain.change_items import ChangedVisit, change_items, due_cents, kept_cents, require_settled
from booking.domain.errors import Conflict
from booking.domain.fees import FeeKind, PaymentPolicy, VisitFee


def changed(
    before: Appointment, cents: int | None, kind: FeeKind = "fixed", policy: PaymentPolicy = "online_optional"
) -> Decision:
    fee = VisitFee(kind, cents, policy)
    visit = ChangedVisit(before.lane_id, before.unit_id, before.starts_at, before.ends_at + timedelta(minutes=10), fee)
    return change_items(before, visit, NOW)


def back(decision: Decision) -> list[int | None]:
    return [command.amount_cents for command in decision.commands if command.verb == "refund"]


def test_less_is_given_back_and_more_is_due_at_the_counter() -> None:
    less = changed(paid(), 2760)
    assert (back(less), less.after.returned_cents, due_cents(less.after)) == ([1840], 1840, 0)
    more = changed(less.after, 9200)
    assert (back(more), kept_cents(more.after), due_cents(more.after)) == ([], 2760, 6440)
    assert [command.amount_cents for command in give_back(more.after, "late")] == [2760]
    none = changed(more.after, None, "none", "none")
    assert (back(none), due_cents(none.after)) == ([2760], 0)
    assert give_back(none.after, "late") == ()


def test_a_refund_that_has_arrived_is_not_counted_twice() -> None:
    less = changed(paid(), 2760).after
    arrived = changed(paid(refunded_cents=1840, returned_cents=1840), 2760)
    assert kept_cents(less) == kept_cents(arrived.after) == 2760
    assert back(arrived) == []


@pytest.mark.parametrize(
    ("cents", "kind", "policy", "mode"),
    [
        (4600, "fixed", "online_optional", "counter"),
        (4600, "fixed", "counter", "counter"),
        (None, "on_request", "counter", "counter"),
        (None, "none", "none", "none"),
        (25500, "fixed", "after_decision", "after_decision"),
    ],
)
def test_what_nobody_paid_online_is_paid_as_the_services_want_it(
    cents: int | None, kind: FeeKind, policy: PaymentPolicy, mode: str
) -> None:
    before = appointment(state="confirmed", payment_mode="none", expires_at=None)
    after = changed(before, cents, kind, policy).after
    assert (after.payment_mode, after.fee_kind, after.payment_policy) == (mode, kind, policy)
    assert due_cents(after) == (cents or 0 if mode == "counter" else 0)


def test_a_fee_taken_online_alone_may_shrink_and_not_grow() -> None:
    assert back(changed(paid(), 2760, policy="online_required")) == [1840]
    for before in (paid(), appointment(state="confirmed", payment_mode="counter", expires_at=None)):
        with pytest.raises(Conflict):
            changed(before, 9200, policy="online_required")


def test_a_reminder_that_was_sent_is_due_again_at_another_time() -> None:
    before = paid(reminded_at=NOW)
    fee = VisitFee("fixed", 4600, "online_optional")
    stays = ChangedVisit(1, before.unit_id, before.starts_at, before.ends_at, fee)
    moves = stays._replace(starts_at=before.starts_at + timedelta(days=1), ends_at=before.ends_at + timedelta(days=1))
    assert change_items(before, stays, NOW).after.reminded_at == NOW
    assert change_items(before, moves, NOW).after.reminded_at is None


def test_a_payment_under_way_comes_first() -> None:
    require_settled(paid())
    require_settled(appointment(payment_mode="counter"))
    with pytest.raises(Conflict):
        require_settled(paid(payment_state="capturing"))

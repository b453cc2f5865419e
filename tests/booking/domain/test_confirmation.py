import msgspec
import pytest
from tests.booking.domain.samples import NOW, PAYMENT, appointment, awaiting

from booking.domain.confirmation import choose_mode, confirm, may_switch_to_counter
from booking.domain.errors import Conflict, Invalid


@pytest.mark.parametrize(
    ("policy", "fee_kind", "fee_cents", "wish", "mode"),
    [
        ("none", "none", None, "online", "none"),
        ("online_optional", "fixed", 4600, "online", "online"),
        ("online_optional", "fixed", 4600, "counter", "counter"),
        ("online_required", "fixed", 4600, "online", "online"),
        ("counter", "fixed", 4600, "online", "counter"),
        ("after_decision", "fixed", 25500, "online", "after_decision"),
        ("online_required", "on_request", None, "online", "counter"),
        ("online_optional", "fixed", 0, "online", "none"),
    ],
)
def test_the_policy_decides_how_the_fee_is_paid(
    policy: str, fee_kind: str, fee_cents: int | None, wish: str, mode: str
) -> None:
    asked = appointment(payment_policy=policy, fee_kind=fee_kind, fee_cents=fee_cents)
    assert choose_mode(asked, wish) == mode  # type: ignore[arg-type] # parametrized


def test_what_must_be_paid_online_is_not_paid_at_the_counter() -> None:
    with pytest.raises(Invalid) as refused:
        choose_mode(appointment(payment_policy="online_required"), "counter")
    assert refused.value.errors[0][0] == "payment"


def test_the_counter_confirms_at_once_and_keeps_the_slot() -> None:
    decision = confirm(appointment(), "counter", None, NOW)
    assert decision.after.state == "confirmed"
    assert decision.after.expires_at is None
    assert decision.event == "appointment.confirmed"
    assert not decision.takes_slot
    assert not decision.frees_slot
    assert not decision.commands


def test_changing_to_the_counter_calls_the_payment_off() -> None:
    decision = confirm(awaiting(), "counter", None, NOW)
    assert [(command.verb, command.payment_id) for command in decision.commands] == [("cancel", PAYMENT)]
    assert decision.after.payment_id is None


@pytest.mark.parametrize(
    ("may", "changes"),
    [
        (True, {}),
        (True, {"state": "held"}),
        (True, {"state": "expired", "expires_at": None}),
        (False, {"payment_mode": "counter", "state": "confirmed", "expires_at": None}),
        (False, {"payment_mode": "none", "state": "held"}),
        (False, {"payment_policy": "online_required"}),
        (False, {"state": "confirmed", "expires_at": None}),
        (False, {"state": "cancelled_by_citizen", "expires_at": None}),
    ],
)
def test_only_an_open_online_payment_can_become_the_counter_s(may: bool, changes: dict[str, object]) -> None:
    assert may_switch_to_counter(msgspec.structs.replace(awaiting(), **changes)) is may


def test_a_lapsed_one_needs_its_slot_again() -> None:
    assert confirm(appointment(state="expired", expires_at=None), "counter", None, NOW).takes_slot


def test_a_cancelled_one_is_not_confirmed() -> None:
    with pytest.raises(Conflict):
        confirm(appointment(state="cancelled_by_citizen", expires_at=None), "counter", None, NOW)

"""Every move of payment.md's table, and no other."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args
from uuid import uuid4

import pytest

import payment
from contracts.payment import PaymentEventType
from payment.domain.errors import IllegalMove
from payment.domain.payment import EVENTS, STATES, TRANSITIONS, Payment, Trigger, draw_diagram, target_of

README = Path(payment.__path__[0]).parents[1] / "README.md"
LEGAL = {(transition.source, transition.trigger) for transition in TRANSITIONS}


@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda item: f"{item.source}-{item.trigger}")
def test_each_listed_move_leads_where_it_says(transition: object) -> None:
    assert target_of(transition.source, transition.trigger) == transition.target  # type: ignore[attr-defined] # a Transition


FROM_ANYWHERE = (Trigger.REVIEW, Trigger.REFUND_FAILED)


def test_a_refund_fails_in_every_state_and_moves_nothing() -> None:
    for state in STATES:
        assert target_of(state, Trigger.REFUND_FAILED) == state
        assert EVENTS[Trigger.REFUND_FAILED, state] == "payment.refund_failed"
    with pytest.raises(IllegalMove):
        target_of(None, Trigger.REFUND_FAILED)


@pytest.mark.parametrize("state", [None, *STATES])
@pytest.mark.parametrize("trigger", [trigger for trigger in Trigger if trigger not in FROM_ANYWHERE])
def test_every_other_move_is_refused(state: object, trigger: Trigger) -> None:
    if (state, trigger) not in LEGAL:
        with pytest.raises(IllegalMove):
            target_of(state, trigger)  # type: ignore[arg-type] # all states, and none


@pytest.mark.parametrize("state", STATES)
def test_review_is_reached_from_everywhere(state: object) -> None:
    assert target_of(state, Trigger.REVIEW) == "review"  # type: ignore[arg-type] # all states


def test_each_state_is_reached() -> None:
    assert {transition.target for transition in TRANSITIONS} | {"review"} == set(STATES)


def test_what_is_told_is_what_the_contract_names() -> None:
    assert set(EVENTS.values()) == set(get_args(PaymentEventType))
    assert all(target == state or trigger is Trigger.REVIEW for (trigger, state), target in _targets().items())


def _targets() -> dict[tuple[Trigger, str], str]:
    return {
        (transition.trigger, transition.target): transition.target
        for transition in TRANSITIONS
        if (transition.trigger, transition.target) in EVENTS
    }


def test_the_readme_shows_this_very_machine() -> None:
    found = re.search(r"```mermaid\n(.*?)\n```", README.read_text("utf-8"), re.DOTALL)
    assert found, "the README has no diagram"
    assert found[1] == draw_diagram(), f"The README's diagram is stale. Put this in:\n{draw_diagram()}"


@pytest.mark.parametrize(
    ("state", "is_cancel_requested", "expected"),
    [
        ("created", False, (True, False)),
        ("pending", False, (True, False)),
        ("pending", True, (False, True)),
        ("expiring", False, (False, True)),
        ("paid", False, (False, False)),
    ],
)
def test_open_or_closing(state: str, is_cancel_requested: bool, expected: tuple[bool, bool]) -> None:
    now = datetime.now(UTC)
    row = Payment(
        id=uuid4(),
        tenant="heinsberg",
        state=state,  # type: ignore[arg-type] # a state's name
        version=1,
        reference="r",
        treasury_reference="HS-1",
        description="d",
        amount_cents=1,
        currency="EUR",
        capture="manual",
        language="de",
        return_url="https://portal.example/",
        cancel_requested_at=now if is_cancel_requested else None,
        expires_at=now + timedelta(minutes=30),
        created_at=now,
    )
    assert (row.is_open, row.is_closing) == expected

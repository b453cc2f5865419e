from typing import Any
from uuid import uuid4

import pytest
from tests.payment.domain.samples import NOW

from payment.domain.chargeback import Booked, Due, due_entries
from payment.domain.dispute import Dispute, DisputeState


def dispute(state: DisputeState, **changes: Any) -> Dispute:
    values: dict[str, Any] = {"amount_cents": 1500, "fee_cents": 2000}
    return Dispute(
        id=uuid4(),
        tenant="heinsberg",
        payment_id=uuid4(),
        attempt_id=uuid4(),
        provider="stripe",
        provider_dispute_id="du_1",
        state=state,
        currency="EUR",
        reason="fraudulent",
        opened_at=NOW,
        **(values | changes),
    )


def booked(**changes: Any) -> Booked:
    values: dict[str, Any] = dict.fromkeys(("own_cents", "own_fee_cents", "capture_cents", "others_lost_cents"), 0)
    return Booked(**(values | {"is_fee_told": False} | changes))


@pytest.mark.parametrize(
    ("state", "changes", "so_far", "due"),
    [
        ("lost", {}, {}, Due(-1500, -2000)),
        ("lost", {"taken_cents": 700, "fee_cents": 0}, {}, Due(-700)),
        ("lost", {"taken_cents": 0, "fee_cents": 0}, {}, Due()),  # the provider bears it
        ("lost", {}, {"own_cents": -1500, "own_fee_cents": -2000, "capture_cents": -1500}, Due()),
        ("lost", {}, {"capture_cents": -1500, "is_fee_told": True}, Due()),  # the account told it first
        ("lost", {}, {"capture_cents": -1500}, Due(0, -2000)),
        ("lost", {}, {"capture_cents": -1000}, Due(-500, -2000)),
        ("lost", {}, {"capture_cents": -500, "others_lost_cents": 500}, Due(-1500, -2000)),
        ("lost", {}, {"capture_cents": 0, "others_lost_cents": 500}, Due(-1500, -2000)),  # the others' is theirs
        ("won", {}, {}, Due()),
        ("won", {}, {"capture_cents": -1500}, Due()),  # its account tells it when it comes back
        ("won", {}, {"own_cents": -1500, "capture_cents": -1500}, Due(1500)),
        ("won", {}, {"own_cents": 0, "capture_cents": 0}, Due()),
        ("opened", {}, {"own_cents": -1500, "capture_cents": -1500}, Due()),
    ],
)
def test_what_a_disputes_end_books(
    state: DisputeState, changes: dict[str, Any], so_far: dict[str, Any], due: Due
) -> None:
    assert due_entries(dispute(state, **changes), booked(**so_far)) == due

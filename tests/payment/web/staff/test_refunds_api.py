from typing import Any

import pytest
from tests.payment.support.house import Clock, configure_tenants
from tests.payment.web.conftest import Till
from tests.payment.web.desk import paid, treasurer

from kit.sql import Pool
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.tools import Tools

REFUNDS, BATCHES = "/v1/staff/refunds", "/v1/staff/refund-batches"
NOBODYS = "00000000-0000-7000-8000-000000000000"


async def asked(till: Till, house: Pool, cents: int = 700, reason: str = "reduced") -> dict[str, Any]:
    await configure_tenants(house, "heinsberg", standing_order=False)
    payment = await paid(till)
    await till.call(f"/v1/payments/{payment['id']}/refunds", {"amount_cents": cents, "reason": reason})
    return payment


async def test_a_batch_from_the_list_to_the_provider(till: Till, clock: Clock, house: Pool, tools: Tools) -> None:
    payment = await asked(till, house)
    listed = (await till.app.get(f"{REFUNDS}?state=requested", headers=treasurer(clock))).json()["items"]
    assert [(item["treasury_reference"], item["approved_by"]) for item in listed] == [
        (payment["treasury_reference"], [])
    ]
    made = await till.app.post(BATCHES, headers=treasurer(clock, "carla"))
    assert (made.status_code, made.json()["total_cents"], made.json()["released_by"]) == (201, 700, None)
    path = f"{BATCHES}/{made.json()['id']}/release"
    assert (await till.app.post(path, headers=treasurer(clock, "carla"))).status_code == 403
    released = await till.app.post(path, headers=treasurer(clock, "dirk"))
    assert (released.status_code, released.json()["refunds"][0]["state"]) == (200, "approved")
    await submit_refunds(tools)
    assert (await till.read(payment))["refunded"]["amount_cents"] == 700
    batches = (await till.app.get(BATCHES, headers=treasurer(clock))).json()["items"]
    assert [batch["released_by"] for batch in batches] == ["staff:dirk"]


async def test_a_failed_refund_is_paid_by_hand(till: Till, clock: Clock, house: Pool, tools: Tools) -> None:
    payment = await till.create(items=[{"description": "Auszug", "quantity": 1, "amount_cents": 1585}])
    await till.pay(payment)
    await till.call(f"/v1/payments/{payment['id']}/refunds", {"amount_cents": 1585, "reason": "reduced"})
    [refund] = (await till.app.get(f"{REFUNDS}?state=failed", headers=treasurer(clock))).json()["items"]
    path = f"{REFUNDS}/{refund['id']}/manual-transfer"
    done = await till.app.post(path, json={"reference": "SEPA 4711"}, headers=treasurer(clock))
    assert (done.status_code, done.json()["state"], done.json()["transfer_reference"]) == (
        200,
        "transferred",
        "SEPA 4711",
    )
    assert (await till.read(payment))["refunded"]["amount_cents"] == 1585
    assert (await till.app.post(path, json={}, headers=treasurer(clock))).status_code == 400
    stranger = treasurer(clock, "otto", tenant="erkelenz")
    assert (await till.app.post(path, json={"reference": "x"}, headers=stranger)).status_code == 404


@pytest.mark.parametrize("path", [BATCHES, f"{BATCHES}/{NOBODYS}/release", f"{REFUNDS}/{NOBODYS}/manual-transfer"])
async def test_only_treasurers_move_money(till: Till, clock: Clock, path: str) -> None:
    body = {"reference": "x"} if "transfer" in path else {}
    clerk = treasurer(clock, "anna", role="clerk")
    assert (await till.app.post(path, json=body, headers=clerk)).status_code == 403
    assert (await till.app.post(path, json=body)).status_code == 401
    without_key = {"Authorization": treasurer(clock)["Authorization"]}
    assert (await till.app.post(path, json=body, headers=without_key)).status_code == 400


async def test_only_treasurers_look(till: Till, clock: Clock) -> None:
    for path in (REFUNDS, BATCHES):
        assert (await till.app.get(path, headers=treasurer(clock, "anna", role="clerk"))).status_code == 403
        assert (await till.app.get(path)).status_code == 401
    assert (await till.app.get(f"{REFUNDS}?state=lost", headers=treasurer(clock))).status_code == 400

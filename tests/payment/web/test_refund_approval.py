from typing import Any
from uuid import uuid4

import pytest
from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.desk import paid, staff_token


async def test_one_treasurer_asks_another_approves(till: Till, clock: Clock) -> None:
    payment = await paid(till)
    carla, dirk = (f"Bearer {staff_token(clock, name)}" for name in ("carla", "dirk"))
    wanted, once = {"amount_cents": 700, "reason": "goodwill"}, {"Idempotency-Key": "refund-700"}
    asked = await till.call(f"/v1/payments/{payment['id']}/refunds", wanted, Authorization=carla, **once)
    again = await till.call(f"/v1/payments/{payment['id']}/refunds", wanted, Authorization=carla, **once)
    assert again.json() == asked.json()
    assert asked.json()["refunded"]["amount_cents"] == 0
    assert "refund_id" not in payment
    listed = await till.app.get(f"/v1/payments/{payment['id']}/refunds", headers={"Authorization": dirk})
    (refund,) = listed.json()["items"]
    assert (refund["state"], refund["amount"]["amount_cents"]) == ("requested", 700)
    assert refund["id"] == asked.json()["refund_id"]
    path = f"/v1/refunds/{refund['id']}/approval"
    assert (await till.call(path, Authorization=carla)).status_code == 403
    approved = await till.call(path, Authorization=dirk)
    assert (approved.status_code, approved.json()["state"]) == (200, "succeeded")
    assert (await till.read(payment))["refunded"]["amount_cents"] == 700


async def test_a_key_is_no_second_person_for_whoever_made_it(till: Till, clock: Clock) -> None:
    payment = await paid(till)
    admin, carla, dirk = (
        f"Bearer {staff_token(clock, name, role=role)}"
        for name, role in (("carla", "admin"), ("carla", "treasurer"), ("dirk", "treasurer"))
    )
    issued = await till.call("/v1/staff/api-keys", {"label": "x", "scopes": ["refunds:request"]}, Authorization=admin)
    wanted, by_key = {"amount_cents": 700, "reason": "goodwill"}, f"Bearer {issued.json()['key']}"
    asked = await till.call(f"/v1/payments/{payment['id']}/refunds", wanted, Authorization=by_key)
    assert asked.status_code in (200, 202)
    listed = await till.app.get(f"/v1/payments/{payment['id']}/refunds", headers={"Authorization": dirk})
    (refund,) = listed.json()["items"]
    refused = await till.call(f"/v1/refunds/{refund['id']}/approval", Authorization=carla)
    assert (refused.status_code, "made the key" in refused.json()["detail"]) == (403, True)
    batch = await till.call("/v1/staff/refund-batches", {"refund_ids": [refund["id"]]}, Authorization=carla)
    assert batch.status_code == 403
    assert (await till.call(f"/v1/refunds/{refund['id']}/approval", Authorization=dirk)).status_code == 200


async def test_only_treasurers_of_the_tenant_approve(till: Till, clock: Clock) -> None:
    payment = await paid(till)
    await till.call(f"/v1/payments/{payment['id']}/refunds", {"amount_cents": 700, "reason": "goodwill"})
    listed = await till.app.get(
        f"/v1/payments/{payment['id']}/refunds", headers={"Authorization": f"Bearer {till.key}"}
    )
    path = f"/v1/refunds/{listed.json()['items'][0]['id']}/approval"
    clerk = staff_token(clock, "anna", role="clerk")
    stranger = staff_token(clock, "otto", tenant="erkelenz")
    assert (await till.call(path, Authorization=f"Bearer {clerk}")).status_code == 403
    assert (await till.call(path, Authorization=f"Bearer {stranger}")).status_code == 404
    assert (await till.call(path)).status_code == 401  # an API key approves nothing


@pytest.mark.parametrize(
    "change", [{"amount_cents": 0}, {"amount_cents": "seven"}, {"reason": "because"}, {"extra": 1}]
)
async def test_bad_input_names_its_field(till: Till, change: dict[str, Any]) -> None:
    wanted = {"amount_cents": 700, "reason": "reduced"} | change
    answer = await till.call(f"/v1/payments/{uuid4()}/refunds", wanted)
    assert answer.status_code == 400
    assert next(iter(change)) in answer.text


async def test_the_use_of_another_tenants_payment_is_not_found(till: Till) -> None:
    answer = await till.call(f"/v1/payments/{uuid4()}/refunds", {"amount_cents": 1, "reason": "reduced"})
    assert answer.status_code == 404

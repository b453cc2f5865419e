"""From the payment to the bank's statement through the real gateways and the real sandbox."""

from typing import Any

import pytest
from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.desk import local_day, paid, treasurer

from demo.sandbox.bank import iban_of
from kit.sql import Pool


async def match(till: Till, clock: Clock) -> dict[str, Any]:
    answer = await till.app.post("/v1/staff/reconciliations", headers=treasurer(clock))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def unsettled(house: Pool, reference: str) -> int:
    count: int = await house.fetchval(
        "SELECT count(*) FROM provider_movement WHERE reference = $1 AND settled_at IS NULL", reference
    )
    return count


@pytest.mark.parametrize("method", ["card", "paypal"])
async def test_a_payment_is_followed_to_the_bank(till: Till, clock: Clock, house: Pool, method: str) -> None:
    till.sandbox.http.post("/control/reset").raise_for_status()  # what other tests left behind
    await house.execute("UPDATE tenant SET iban = $1 WHERE slug = 'heinsberg'", iban_of("heinsberg"))
    payment = await till.create()
    await till.pay(payment, method)
    clock.pass_by(seconds=5)
    [payout] = till.sandbox.pay_out(tenant="heinsberg")
    clock.pass_by(seconds=5)
    content = till.sandbox.http.get("/control/statements/heinsberg", params={"day": payout["arrives_on"]}).content
    assert (await till.app.post("/v1/staff/statements", content=content, headers=treasurer(clock))).status_code == 201
    first = await match(till, clock)
    assert (first["unread"], first["waiting"]) == ([], 0)
    assert await unsettled(house, payment["treasury_reference"]) == 0
    arrived = await house.fetchval("SELECT bank_entry_id IS NOT NULL FROM provider_payout WHERE id = $1", payout["id"])
    assert arrived
    assert (await match(till, clock))["new_movements"] == 0
    closed = await till.app.post("/v1/staff/day-closes", json={"day": local_day(clock)}, headers=treasurer(clock))
    assert closed.status_code == 201, closed.text
    export = await till.app.get("/v1/staff/day-closes/1.csv", headers=treasurer(clock))
    [line] = [line for line in export.text.splitlines() if payment["treasury_reference"] in line]
    assert f"{payment['treasury_reference']};{local_day(clock)};Einzahlung;15,00;" in line
    assert line.endswith(payout["id"])


async def test_an_exception_is_read_and_accepted(till: Till, clock: Clock) -> None:
    await paid(till)
    till.sandbox.pay_out(tenant="heinsberg")
    clock.pass_by(days=8)  # and no statement shows it
    assert (await match(till, clock))["exceptions"] >= 1
    listed = (await till.app.get("/v1/staff/exceptions", headers=treasurer(clock))).json()
    assert {item["kind"] for item in listed["items"]} >= {"payout_not_at_bank"}
    id_ = listed["items"][0]["id"]
    path = f"/v1/staff/exceptions/{id_}/acceptance"
    for headers, status in (
        (treasurer(clock, "anna", role="clerk"), 403),
        (treasurer(clock, "otto", tenant="erkelenz"), 404),
        ({}, 401),
    ):
        assert (await till.app.post(path, json={"reason": "geprüft"}, headers=headers)).status_code == status
    bad = await till.app.post(path, json={"reason": ""}, headers=treasurer(clock))
    assert (bad.status_code, "reason" in bad.text) == (400, True)
    done = await till.app.post(path, json={"reason": "Auszug folgt"}, headers=treasurer(clock))
    assert (done.json()["state"], done.json()["accepted_by"]) == ("accepted", "staff:carla")
    accepted = await till.app.get("/v1/staff/exceptions?state=accepted", headers=treasurer(clock))
    assert [item["id"] for item in accepted.json()["items"]] == [id_]
    others = await till.app.get("/v1/staff/exceptions?state=accepted", headers=treasurer(clock, tenant="erkelenz"))
    assert others.json() == {"items": [], "next_cursor": None}


async def test_nobody_but_a_treasurer_matches_or_reads(till: Till, clock: Clock) -> None:
    clerk = treasurer(clock, "anna", role="clerk")
    assert (await till.app.post("/v1/staff/reconciliations", headers=clerk)).status_code == 403
    assert (await till.app.post("/v1/staff/reconciliations")).status_code == 401
    assert (await till.app.get("/v1/staff/exceptions", headers=clerk)).status_code == 403
    assert (await till.app.get("/v1/staff/exceptions")).status_code == 401

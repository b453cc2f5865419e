"""From the provider's webhook to the treasury's list, over the real gateways and the sandbox."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.desk import staff_token
from tests.payment.web.sending import send
from tests.support.sandbox import Receiver
from tests.support.waiting import eventually

from demo.sandbox.accounts import Provider
from demo.sandbox.settlement import DISPUTE_FEES, fee_cents
from kit.sql import Pool

URL = "/v1/staff/disputes"


def token(clock: Clock, role: str = "treasurer", **changes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {staff_token(clock, 'carla', role=role, **changes)}"}


async def dispute(till: Till, receiver: Receiver, method: str) -> tuple[dict[str, Any], str]:
    """A payment that is paid and then disputed; its session's id at the provider."""
    payment = await till.create()
    await till.pay(payment, method)
    [entry] = await asyncio.to_thread(till.sandbox.ledger, payment["treasury_reference"])
    await act(till, receiver, entry["session_id"], "dispute", "CREATED" if method == "paypal" else "created")
    return payment, entry["session_id"]


async def act(till: Till, receiver: Receiver, session_id: str, what: str, word: str) -> None:
    """At the sandbox's control desk; its webhook is brought to the service, twice."""
    known = len(receiver.of("dispute"))
    assert (await asyncio.to_thread(till.sandbox.http.post, f"/control/sales/{session_id}/{what}")).status_code == 200
    heard = await eventually(lambda: receiver.of("dispute")[known:])
    assert word in heard[0].body.decode()
    for _ in range(2):
        assert (await send(till, heard[0])).status_code == 200


async def listed(till: Till, headers: dict[str, str], **query: str) -> list[dict[str, Any]]:
    answer = await till.app.get(URL, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize(("method", "provider"), [("card", "stripe"), ("paypal", "paypal")])
async def test_told_to_the_treasury(
    till: Till, receiver: Receiver, clock: Clock, house: Pool, method: str, provider: Provider
) -> None:
    payment, session_id = await dispute(till, receiver, method)
    (item,) = await listed(till, token(clock))
    assert (item["payment_id"], item["provider"], item["state"]) == (payment["id"], provider, "opened")
    assert item["treasury_reference"] == payment["treasury_reference"]
    assert item["amount"] == payment["amount"]
    assert item["respond_by"]

    refused = await till.call(f"/v1/payments/{payment['id']}/refunds", {"amount_cents": 100, "reason": "reduced"})
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_disputed")

    word = "RESOLVED" if method == "paypal" else "charge.dispute.closed"
    await act(till, receiver, session_id, "lose", word)
    (item,) = await listed(till, token(clock, role="operator"), state="lost")
    assert item["closed_at"]
    assert (item["charged_back"], item["fee"]["amount_cents"]) == (payment["amount"], DISPUTE_FEES[provider])
    assert await listed(till, token(clock), state="opened") == []
    history = await till.app.get(
        f"/v1/payments/{payment['id']}/events", headers={"Authorization": f"Bearer {till.key}"}
    )
    assert [entry["trigger"] for entry in history.json()["items"]][-2:] == ["dispute", "dispute_lost"]
    assert (await till.read(payment))["state"] == "paid"

    booked = [("capture", 1500), ("chargeback", -1500), ("fee", -DISPUTE_FEES[provider])]
    assert await ledger_of(house, payment) == booked
    clock.pass_by(minutes=2)  # now the provider's account tells it, too
    await till.app.post("/v1/staff/reconciliations", headers=token(clock))
    fee_of_capture = ("fee", -fee_cents(provider, 1500))
    assert await ledger_of(house, payment) == sorted([*booked, fee_of_capture])


async def ledger_of(house: Pool, payment: dict[str, Any]) -> list[tuple[str, int]]:
    rows = await house.fetch(
        "SELECT kind, amount_cents FROM ledger_entry WHERE payment_id = $1 ORDER BY kind, amount_cents",
        UUID(payment["id"]),
    )
    return [(row["kind"], row["amount_cents"]) for row in rows]


async def test_nobody_else_sees_them(till: Till, receiver: Receiver, clock: Clock) -> None:
    await dispute(till, receiver, "card")
    assert await listed(till, token(clock, tenant="erkelenz")) == []
    assert (await till.app.get(URL, headers=token(clock, role="clerk"))).status_code == 403
    assert (await till.app.get(URL)).status_code == 401
    assert (await till.app.get(URL, headers={"Authorization": f"Bearer {till.key}"})).status_code == 401


@pytest.mark.parametrize("query", [{"state": "maybe"}, {"cursor": "1"}])
async def test_a_wrong_query_is_refused(till: Till, clock: Clock, query: dict[str, str]) -> None:
    answer = await till.app.get(URL, headers=token(clock), params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_page_by_page(till: Till, clock: Clock, house: Any) -> None:
    payment = await till.create()
    await till.pay(payment)
    await house.execute(
        "INSERT INTO dispute (id, tenant, payment_id, attempt_id, provider, provider_dispute_id, state, amount_cents,"
        " currency, reason, opened_at, updated_at) SELECT gen_random_uuid(), tenant, payment_id, id, provider,"
        " 'du_' || number, 'opened', 1, 'EUR', 'general', now(), now() FROM attempt, generate_series(1, 53) AS number"
    )
    first = (await till.app.get(URL, headers=token(clock))).json()
    second = (await till.app.get(URL, headers=token(clock), params={"cursor": first["next_cursor"]})).json()
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (50, 3, None)
    assert len({item["id"] for item in first["items"] + second["items"]}) == 53

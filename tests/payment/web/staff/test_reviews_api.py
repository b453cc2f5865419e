"""The review queue as the staff calls it, over the real gateways and the sandbox."""

from typing import Any

import pytest
from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.desk import staff_token

from kit.sql import Pool

URL = "/v1/staff/reviews"


async def reviewed(till: Till, house: Pool) -> dict[str, Any]:
    """Captured, and what was asked for is another amount."""
    payment = await till.create()
    await till.open(payment)
    hosted = (await till.choose(payment, "card")).headers["location"]
    back = await till.press(hosted, "pay")
    await house.execute("UPDATE payment SET amount_cents = 1600")
    assert (await till.get(back)).status_code == 303
    assert (await till.read(payment))["state"] == "review"
    return payment


def bearer(clock: Clock, subject: str = "carla", **claims: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {staff_token(clock, subject, **claims)}"}


@pytest.mark.parametrize("role", ["treasurer", "operator"])
async def test_the_queue_says_what_is_the_matter_and_what_may_be_done(
    till: Till, house: Pool, clock: Clock, role: str
) -> None:
    payment = await reviewed(till, house)
    till.app.cookies.clear()  # the citizen's language
    headers = bearer(clock, role=role) | {"Accept-Language": "en"}
    (item,) = (await till.app.get(URL, headers=headers)).json()["items"]
    assert (item["payment_id"], item["treasury_reference"]) == (payment["id"], payment["treasury_reference"])
    assert (item["cause"], item["cause_text"][:12]) == ("amount_differs", "The provider")
    (attempt,) = item["attempts"]
    assert attempt["captured"]["amount_cents"] == 1500
    assert attempt["provider_says"]["status"] == "paid"
    assert attempt["provider_says"]["amount"]["amount_cents"] == 1500
    possible = {each["decision"] for each in item["decisions"] if each["is_possible"]}
    assert possible == {"look_again", "accept_amount", "give_back"}
    (accept,) = (each for each in item["decisions"] if each["decision"] == "accept")
    assert accept["why_not"] == "The amount that came in is not the one that was asked for."
    german = (await till.app.get(URL, headers=bearer(clock, role=role))).json()["items"][0]
    assert german["cause_text"].startswith("Beim Zahlungsanbieter")


async def test_a_decision_is_made_by_call(till: Till, house: Pool, clock: Clock) -> None:
    payment = await reviewed(till, house)
    path, who = f"{URL}/{payment['id']}/decision", bearer(clock, role="operator")
    refused = await till.call(path, {"decision": "accept", "note": "it is there"}, **who)
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_state")
    answer = await till.call(path, {"decision": "accept_amount", "note": "15 will do"}, **who)
    assert (answer.status_code, answer.json()["state"], answer.json()["amount"]["amount_cents"]) == (200, "paid", 1500)
    assert (await till.app.get(URL, headers=who)).json() == {"items": [], "next_cursor": None}


async def test_only_treasury_and_operation_of_the_tenant_decide(till: Till, house: Pool, clock: Clock) -> None:
    payment = await reviewed(till, house)
    path, content = f"{URL}/{payment['id']}/decision", {"decision": "accept_amount", "note": "why"}
    for role in ("clerk", "lead", "admin"):
        assert (await till.call(path, content, **bearer(clock, role=role))).status_code == 403
        assert (await till.app.get(URL, headers=bearer(clock, role=role))).status_code == 403
    assert (await till.call(path, content, **bearer(clock, tenant="erkelenz"))).status_code == 404
    assert (await till.call(path, content)).status_code == 401  # an API key decides nothing
    assert (await till.app.get(URL)).status_code == 401


@pytest.mark.parametrize(
    "content",
    [
        {"decision": "accept"},
        {"decision": "forget", "note": "why"},
        {"decision": "accept", "note": "  "},
        {"decision": "accept", "note": "a\x00b"},
        {"decision": "accept", "note": "why", "more": 1},
    ],
)
async def test_what_is_no_decision_is_refused(till: Till, house: Pool, clock: Clock, content: Any) -> None:
    payment = await reviewed(till, house)
    assert (await till.call(f"{URL}/{payment['id']}/decision", content, **bearer(clock))).status_code == 400


@pytest.mark.parametrize("query", ["?limit=0", "?limit=51", "?limit=x", "?cursor=%00", "?cursor=nonsense"])
async def test_odd_pages_are_refused(till: Till, clock: Clock, query: str) -> None:
    assert (await till.app.get(URL + query, headers=bearer(clock))).status_code == 400

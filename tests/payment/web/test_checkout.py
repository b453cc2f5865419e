"""The citizen's way through our pages and the provider's, over the real gateways and the sandbox."""

import asyncio
import re

import pytest
from tests.payment.support.house import PORTAL, Clock
from tests.payment.web.conftest import BROWSER, Till

from payment.usecases.expire_payments import expire_payments
from payment.usecases.tools import Tools

METHODS = ["card", "paypal"]


def state_in_words(page: str) -> str:
    found = re.search(r'data-testid="payment-state"[^>]*>(.*?)</(?:p|div>\s*<)', page, re.DOTALL)
    assert found, page
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip()


async def test_the_link_is_swapped_for_a_cookie_and_shows_what_is_paid_for(till: Till) -> None:
    payment = await till.create()
    entered = await till.get(payment["next_url"])
    cookie = entered.headers["set-cookie"]
    assert f"Path=/heinsberg/kasse/{payment['id']}" in cookie
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    page = (await till.get(entered.headers["location"])).text
    for expected in (
        "Auszug Liegenschaftskarte",
        "15,00\u00a0€",
        payment["treasury_reference"],
        "pay-card",
        "pay-paypal",
    ):
        assert expected in page
    assert "noch 30 Minuten" in page
    assert f'href="{PORTAL}/danke?order=1"' in page


async def test_without_the_cookie_nothing_is_shown(till: Till) -> None:
    payment = await till.create()
    for page in ("", "/stand", "/beleg"):
        assert (await till.get(f"/heinsberg/kasse/{payment['id']}{page}")).status_code == 401
    assert (await till.choose(payment, "card")).status_code == 401


async def test_a_changed_link_is_refused(till: Till) -> None:
    payment = await till.create()
    assert (await till.get(payment["next_url"][:-2] + "AA")).status_code == 401


async def test_the_link_of_another_tenant_finds_nothing(till: Till) -> None:
    payment = await till.create()
    assert (await till.get(payment["next_url"].replace("/heinsberg/", "/erkelenz/"))).status_code == 404


@pytest.mark.parametrize("method", METHODS)
async def test_paying_leads_back_to_the_caller_without_a_secret(till: Till, method: str) -> None:
    payment = await till.create()
    assert await till.pay(payment, method) == f"{PORTAL}/danke?order=1"
    read = await till.read(payment)
    assert (read["state"], read["method"]) == ("paid", method)
    (sale,) = till.sandbox.ledger(payment["treasury_reference"])
    assert sale["captured_cents"] == 1500


@pytest.mark.parametrize("method", METHODS)
async def test_reserving_then_capturing(till: Till, method: str) -> None:
    payment = await till.create(capture="manual")
    assert await till.pay(payment, method) == f"{PORTAL}/danke?order=1"
    assert (await till.read(payment))["state"] == "authorised"
    answer = await till.call(f"/v1/payments/{payment['id']}/capture")
    assert (answer.status_code, answer.json()["state"]) == (200, "paid")
    again = await till.call(f"/v1/payments/{payment['id']}/capture")
    assert (again.status_code, again.json()["state"]) == (200, "paid")


@pytest.mark.parametrize("method", METHODS)
async def test_reserving_then_cancelling(till: Till, method: str) -> None:
    payment = await till.create(capture="manual")
    await till.pay(payment, method)
    answer = await till.call(f"/v1/payments/{payment['id']}/cancellation")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


@pytest.mark.parametrize("method", METHODS)
async def test_a_refund_goes_back_the_way_it_came(till: Till, method: str) -> None:
    payment = await till.create()
    await till.pay(payment, method)
    wanted = {"amount_cents": 500, "reason": "reduced"}
    answer = await till.call(f"/v1/payments/{payment['id']}/refunds", wanted)
    assert (answer.status_code, answer.json()["refunded"]["amount_cents"]) == (200, 500)
    too_much = await till.call(f"/v1/payments/{payment['id']}/refunds", {"amount_cents": 1001, "reason": "reduced"})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_exceeds_capture")


@pytest.mark.parametrize("method", METHODS)
async def test_abandoning_leads_back_to_the_checkout(till: Till, method: str) -> None:
    payment = await till.create()
    location = await till.pay(payment, method, "abandon")
    page = await till.get(location)
    assert page.status_code == 200
    assert "noch offen" in state_in_words(page.text)
    assert (await till.read(payment))["state"] == "pending"
    other = "paypal" if method == "card" else "card"
    assert await till.pay(payment, other) == f"{PORTAL}/danke?order=1"
    assert (await till.read(payment))["method"] == other


async def test_a_decline_may_be_tried_again(till: Till) -> None:
    payment = await till.create()
    await till.open(payment)
    hosted = (await till.choose(payment, "card")).headers["location"]
    await till.press(hosted, "decline")
    page = await till.get(f"/heinsberg/kasse/{payment['id']}/abbruch")
    assert page.headers["location"].endswith("notice=declined")
    assert "abgelehnt" in state_in_words((await till.get(page.headers["location"])).text)
    again = (await till.choose(payment, "card")).headers["location"]
    assert again == hosted
    assert (await till.get(await till.press(again, "pay"))).headers["location"].startswith(PORTAL)


async def test_a_declined_instrument_leads_back_to_the_choice(till: Till) -> None:
    payment = await till.create(items=[{"description": "x", "quantity": 1, "amount_cents": 1581}])
    location = await till.pay(payment, "paypal")
    assert location.endswith("notice=declined")
    assert "abgelehnt" in state_in_words((await till.get(location)).text)
    assert (await till.read(payment))["state"] == "pending"


async def test_pressing_back_and_reloading_end_in_one_charge(till: Till) -> None:
    payment = await till.create()
    await till.open(payment)
    chosen = await asyncio.gather(*(till.choose(payment, "card") for _ in range(3)))
    (hosted,) = {answer.headers["location"] for answer in chosen}
    back = await till.press(hosted, "pay")
    for _ in range(3):
        assert (await till.get(back)).headers["location"].startswith(PORTAL)
    after = await till.choose(payment, "paypal")
    assert after.headers["location"].endswith("/stand")
    assert "Bezahlt" in state_in_words((await till.get(after.headers["location"])).text)
    assert len(till.sandbox.ledger(payment["treasury_reference"])) == 1


async def test_the_state_page_asks_until_it_is_final(till: Till) -> None:
    payment = await till.create()
    await till.open(payment)
    hosted = (await till.choose(payment, "card")).headers["location"]
    own = f"/heinsberg/kasse/{payment['id']}"
    waiting = await till.get(f"{own}/stand")
    assert "wird geprüft" in state_in_words(waiting.text)
    assert waiting.headers["refresh"].startswith("3;")
    await till.press(hosted, "pay")
    done = await till.get(f"{own}/stand")
    assert "Bezahlt" in state_in_words(done.text)
    assert "refresh" not in done.headers
    receipt = await till.get(f"{own}/beleg")
    assert "Visa, endet auf 4242" in receipt.text
    assert "Bezahlt am" in receipt.text


async def test_who_comes_too_late_is_told_that_nothing_was_charged(till: Till, tools: Tools, clock: Clock) -> None:
    payment = await till.create()
    await till.open(payment)
    clock.pass_by(minutes=31)
    late = await till.choose(payment, "card")
    await expire_payments(tools)
    page = await till.get(late.headers["location"])
    assert "abgelaufen" in state_in_words(page.text)
    assert "nichts abgebucht" in page.text


async def test_a_provider_that_fails_is_said_in_words(till: Till) -> None:
    payment = await till.create()
    await till.open(payment)
    till.sandbox.set_faults(fail_before=50)
    failed = await till.choose(payment, "card")
    assert failed.status_code == 503
    assert "antwortet gerade nicht" in state_in_words(failed.text)
    till.sandbox.set_faults()
    assert (await till.choose(payment, "card")).status_code == 303


async def test_a_form_of_another_site_is_refused(till: Till) -> None:
    payment = await till.create()
    await till.open(payment)
    assert (await till.choose(payment, "card", **{"Sec-Fetch-Site": "cross-site"})).status_code == 403


async def test_the_pages_speak_the_callers_language_and_name_the_providers_origin(till: Till) -> None:
    payment = await till.create(language="en")
    page = await till.open(payment)
    assert "Pay by credit card" in page.text
    assert till.sandbox.url in page.headers["content-security-policy"]


async def test_the_language_in_which_somebody_comes_goes_before_the_one_it_was_begun_in(till: Till) -> None:
    payment = await till.create(language="de")
    for language, words in (("en", "Pay by credit card"), ("de", "Mit Kreditkarte"), ("xx", "Mit Kreditkarte")):
        page = await till.open(payment | {"next_url": f"{payment['next_url']}?lang={language}"})
        assert words in page.text


async def test_api_errors_are_problems_even_for_a_browser(till: Till) -> None:
    answer = await till.app.get("/v1/payments/nonsense", headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"

"""The documented amounts and card numbers do what the page says."""

import re
import time
from html import unescape
from typing import Any

import httpx
import pytest
from tests.demo.sandbox.asking import HTML, STRIPE, open_session

from demo.sandbox import magic


def press(http: httpx.Client, session: dict[str, Any], choice: str, number: str = "4242424242424242") -> str:
    answer = http.post(session["url"], data={"choice": choice, "number": number})
    assert answer.status_code == 303
    return answer.headers["location"]


def intent_of(http: httpx.Client, session: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/checkout/sessions/{session['id']}"
    intent: dict[str, Any] = http.get(path, headers=STRIPE, params={"expand[]": "payment_intent"}).json()[
        "payment_intent"
    ]
    return intent


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_lists_every_number(http: httpx.Client, language: str) -> None:
    page = http.get("/magic", headers=HTML, params={"lang": language})
    text = unescape(re.sub(r"<[^>]+>", " ", page.text))
    comma = "," if language == "de" else "."
    for cents in magic.AMOUNTS:
        assert f"… {comma}{cents}" in text
    for card in magic.CARDS:
        assert card.spaced in text
        assert card.decline is None or card.decline in text


@pytest.mark.parametrize("card", [card for card in magic.CARDS if card.decline and not card.challenge])
def test_declined_cards(http: httpx.Client, card: magic.TestCard) -> None:
    session = open_session(http)
    press(http, session, "pay", card.number)
    error = intent_of(http, session)["last_payment_error"]
    assert card.decline in (error["code"], error["decline_code"])
    press(http, session, "pay")
    assert intent_of(http, session)["status"] == "succeeded"


CHALLENGED = next(card for card in magic.CARDS if card.challenge and not card.decline)
CHALLENGED_DECLINED = next(card for card in magic.CARDS if card.challenge and card.decline)


def begin_challenge(http: httpx.Client, card: magic.TestCard = CHALLENGED) -> dict[str, Any]:
    session = open_session(http)
    press(http, session, "pay", card.spaced)
    page = http.get(session["url"], headers=HTML)
    assert "sandbox-challenge-pass" in page.text
    assert "sandbox-pay" not in page.text
    assert intent_of(http, session)["status"] == "requires_action"
    return session


def test_a_challenge_that_is_passed(http: httpx.Client) -> None:
    session = begin_challenge(http)
    assert press(http, session, "pass").endswith(session["id"])
    assert press(http, session, "pass").endswith(session["id"])  # a double click
    assert intent_of(http, session)["status"] == "succeeded"


def test_a_challenge_that_fails(http: httpx.Client) -> None:
    session = begin_challenge(http)
    press(http, session, "fail")
    intent = intent_of(http, session)
    assert (intent["status"], intent["last_payment_error"]["code"]) == (
        "requires_payment_method",
        magic.CHALLENGE_FAILED,
    )
    page = http.get(session["url"], headers=HTML)
    assert "sandbox-declined" in page.text
    assert "sandbox-pay" in page.text


def test_a_challenge_that_is_abandoned(http: httpx.Client) -> None:
    session = begin_challenge(http)
    assert press(http, session, "abandon") == "https://town.example/away"
    assert "sandbox-pay" in http.get(session["url"], headers=HTML).text
    press(http, session, "pass")  # a page left open in another tab
    assert intent_of(http, session)["status"] == "requires_payment_method"


def test_a_challenge_passed_and_then_declined(http: httpx.Client) -> None:
    session = begin_challenge(http, CHALLENGED_DECLINED)
    press(http, session, "pass")
    intent = intent_of(http, session)
    assert (intent["status"], intent["last_payment_error"]["decline_code"]) == (
        "requires_payment_method",
        "generic_decline",
    )


def test_a_challenge_ends_with_its_session(http: httpx.Client) -> None:
    session = begin_challenge(http)
    assert http.post(f"/v1/checkout/sessions/{session['id']}/expire", headers=STRIPE).json()["status"] == "expired"
    press(http, session, "pass")
    assert intent_of(http, session)["status"] == "canceled"


def test_a_disputed_card(http: httpx.Client) -> None:
    session = open_session(http)
    card = next(card for card in magic.CARDS if card.disputed)
    press(http, session, "pay", card.number)
    intent = intent_of(http, session)
    listed = http.get("/v1/disputes", headers=STRIPE, params={"payment_intent": intent["id"]}).json()["data"]
    assert [(dispute["status"], dispute["amount"]) for dispute in listed] == [("needs_response", 4600)]
    refused = http.post("/v1/refunds", headers=STRIPE, data={"payment_intent": intent["id"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "charge_disputed")


def amount(cents: int) -> dict[str, str]:
    return {"line_items[0][price_data][unit_amount]": str(4600 + cents)}


def test_what_time_brings_about(http: httpx.Client) -> None:
    """Both in one wait."""
    manual = {"payment_intent_data[capture_method]": "manual"}
    lapsing = open_session(http, **amount(magic.AUTHORISATION_LAPSES), **manual)
    press(http, lapsing, "pay")
    assert intent_of(http, lapsing)["status"] == "requires_capture"
    refunded = open_session(http, **amount(magic.REFUND_FAILS_LATER))
    press(http, refunded, "pay")
    intent = intent_of(http, refunded)
    refund = http.post("/v1/refunds", headers=STRIPE, data={"payment_intent": intent["id"]}).json()
    assert refund["status"] == "pending"
    time.sleep(magic.PENDING_S + 0.1)
    assert intent_of(http, lapsing)["status"] == "canceled"
    assert http.get(f"/v1/refunds/{refund['id']}", headers=STRIPE).json()["status"] == "failed"

"""Other houses' systems behind XBezahldienste: their words, their silences, and how we say who we are."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.payment.gateways.conftest import Order, order
from tests.payment.gateways.other_side import account, gateway_of
from tests.payment.support.house import Clock
from tests.payment.support.transactions import END_POINT, ORIGINATOR

from contracts.money import Money
from payment.gateways.gateway import GatewayRefused, GatewayUnavailable
from payment.gateways.xbezahldienste import XBezahldiensteGateway
from payment.gateways.xbezahldienste_client import (
    Basic,
    Bearer,
    MutualTls,
)

Answers = Callable[[httpx.Request], httpx.Response]


def foreign(answers: Answers, clock: Clock, **changes: Any) -> XBezahldiensteGateway:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answers))
    return gateway_of(account(url="https://epay.example/api", **changes), http, clock)


def transaction(wanted: Order, status: str = "INITIAL", **information: Any) -> dict[str, Any]:
    """As another's system may write it: amounts without decimals, members that we do not know."""
    given = {"transactionId": "4711", "transactionUrl": "https://epay.example/4711", "status": status, "novel": True}
    if status == "INITIAL":
        given["transactionRedirectUrl"] = "https://epay.example/pay/4711"
    asked = {
        "requestId": wanted.attempt_id,
        "requestTimestamp": "2026-11-20T09:30:00.000Z",
        "grosAmount": 46,
        "currency": "EUR",
        "purpose": wanted.reference,
        "items": [],
    }
    return {"paymentInformation": given | information, "paymentRequest": asked}


@pytest.mark.parametrize(
    ("status", "seen", "decline"),
    [("INITIAL", "open", None), ("PAYED", "paid", None), ("FAILED", "closed", "FAILED"), ("CANCELED", "closed", None)],
)
async def test_its_four_words(clock: Clock, status: str, seen: str, decline: str | None) -> None:
    wanted = order()
    view = await foreign(lambda _: httpx.Response(200, json=transaction(wanted, status)), clock).read_session("4711")
    assert (view.status, view.last_decline, view.amount) == (seen, decline, Money(4600))
    assert view.capture_id == ("4711" if status == "PAYED" else None)


async def test_an_answer_that_was_lost_is_found_by_the_request(clock: Clock) -> None:
    wanted = order()

    def answers(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(400, json={"functionalCode": "PAYMENT_EXISTS"})
        assert request.url.path == f"/api/paymenttransaction/{ORIGINATOR}/{END_POINT}/{wanted.attempt_id}"
        return httpx.Response(200, json=transaction(wanted))

    assert (await foreign(answers, clock).open_session(wanted)).session_id == "4711"


async def test_or_that_attempt_is_over_since_nobody_has_its_address(clock: Clock) -> None:
    def answers(request: httpx.Request) -> httpx.Response:
        status, code = (400, "PAYMENT_EXISTS") if request.method == "POST" else (404, "UNSPECIFIED")
        return httpx.Response(status, json={"functionalCode": code})

    with pytest.raises(GatewayRefused, match="payment_exists"):
        await foreign(answers, clock).open_session(order())


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (httpx.Response(500), "http_500"),
        (httpx.Response(503, json={"functionalCode": "UNSPECIFIED"}), "http_503"),
        (httpx.Response(429), "http_429"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example"}), "http_302"),
        (httpx.Response(401), "credentials_refused"),
        (httpx.Response(403, json={"functionalCode": "FORBIDDEN"}), "credentials_refused"),
        (httpx.Response(200, content=b"<html>"), "unreadable_answer"),
        (httpx.Response(200, json={"paymentInformation": {}}), "unreadable_answer"),
    ],
)
async def test_unknown_outcomes(clock: Clock, response: httpx.Response, code: str) -> None:
    with pytest.raises(GatewayUnavailable) as failed:
        await foreign(lambda _: response, clock).read_session("4711")
    assert failed.value.code == code


async def test_a_refusal_says_why(clock: Clock) -> None:
    problem = httpx.Response(400, json={"functionalCode": "BOOKING_DATA_MISSING"})
    with pytest.raises(GatewayRefused, match="BOOKING_DATA_MISSING"):
        await foreign(lambda _: problem, clock).open_session(order())


async def test_nobody_is_sent_to_an_address_without_tls(clock: Clock) -> None:
    wanted = order()
    answer = transaction(wanted, transactionRedirectUrl="http://epay.example/pay/4711")
    with pytest.raises(GatewayRefused, match="session_not_open"):
        await foreign(lambda _: httpx.Response(200, json=answer), clock).open_session(wanted)


async def test_each_way_to_say_who_we_are(clock: Clock) -> None:
    wanted, seen = order(), []

    def answers(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization"))
        return httpx.Response(200, json=transaction(wanted))

    for way in (Bearer(token="t"), Basic(username="haus", password="wort"), MutualTls(certificate="", key="")):
        await foreign(answers, clock, authentication=way).read_session("4711")
    assert seen == ["Bearer t", "Basic aGF1czp3b3J0", None]

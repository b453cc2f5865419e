"""Which failure means "come again with the same key" and which is final, for each gateway's own words."""

from collections.abc import AsyncIterator

import httpx
import pytest
import stripe

from kit.clock import system_clock
from payment.gateways.gateway import GatewayError, GatewayRefused, GatewayUnavailable
from payment.gateways.paypal_answers import Order
from payment.gateways.paypal_client import PayPalAccount, PayPalClient, PayPalRefused
from payment.gateways.stripe import _gateway_error

TOKEN = {"access_token": "t", "expires_in": 3600}
ORDER = {"id": "O", "status": "CREATED", "purchase_units": [{"amount": {"currency_code": "EUR", "value": "46.00"}}]}


class Provider:
    def __init__(self) -> None:
        self.answers: list[httpx.Response] = []
        self.tokens = 0
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        account = PayPalAccount(client_id="c", client_secret="s")
        self.client = PayPalClient(account, "https://paypal.example", self.http, system_clock)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth2/token":
            self.tokens += 1
            return httpx.Response(200, json=TOKEN)
        return self.answers.pop(0)


@pytest.fixture
async def paypal() -> AsyncIterator[Provider]:
    provider = Provider()
    yield provider
    await provider.http.aclose()


async def test_paypal_one_token_for_many_calls(paypal: Provider) -> None:
    paypal.answers = [httpx.Response(200, json=ORDER) for _ in range(3)]
    for _ in range(3):
        assert (await paypal.client.get("/v2/checkout/orders/O", Order)).unit.amount.value == "46.00"
    assert paypal.tokens == 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
async def test_paypal_unknown_outcomes(paypal: Provider, status: int) -> None:
    paypal.answers = [httpx.Response(status, content=b"<html>busy")]
    with pytest.raises(GatewayUnavailable) as failed:
        await paypal.client.post("/v2/checkout/orders", {}, "k", Order)
    assert failed.value.code == f"http_{status}"


@pytest.mark.parametrize("status", [401, 403])
async def test_paypal_credentials(paypal: Provider, status: int) -> None:
    paypal.answers = [httpx.Response(status, json={"name": "NOT_AUTHORIZED"}) for _ in range(2)]
    with pytest.raises(GatewayUnavailable) as failed:
        await paypal.client.get("/v2/checkout/orders/O", Order)
    assert failed.value.code == "credentials_refused"
    assert paypal.tokens == (2 if status == 401 else 1)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (422, {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "INSTRUMENT_DECLINED"}]}, "INSTRUMENT_DECLINED"),
        (404, {"name": "RESOURCE_NOT_FOUND"}, "RESOURCE_NOT_FOUND"),
        (400, [], "http_400"),
    ],
)
async def test_paypal_refusals(paypal: Provider, status: int, body: object, code: str) -> None:
    paypal.answers = [httpx.Response(status, json=body)]
    with pytest.raises(PayPalRefused) as refused:
        await paypal.client.get("/v2/checkout/orders/O", Order)
    assert (refused.value.status, refused.value.code) == (status, code)


async def test_paypal_an_answer_nobody_can_read_is_no_answer(paypal: Provider) -> None:
    paypal.answers = [httpx.Response(201, content=b"{}")]
    with pytest.raises(GatewayUnavailable) as failed:
        await paypal.client.post("/v2/checkout/orders", {}, "k", Order)
    assert failed.value.code == "unreadable_answer"


def card_error() -> stripe.CardError:
    body = {"error": {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}}
    return stripe.CardError("declined", "", "card_declined", http_status=402, json_body=body)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (stripe.APIConnectionError("reset"), GatewayUnavailable, "no_answer"),
        (stripe.APIError("down", http_status=500), GatewayUnavailable, "http_500"),
        (stripe.APIError("in use", http_status=409), GatewayUnavailable, "http_409"),
        (stripe.RateLimitError("slow down", http_status=429), GatewayUnavailable, "http_429"),
        (stripe.AuthenticationError("key", http_status=401), GatewayUnavailable, "credentials_refused"),
        (stripe.PermissionError("scope", http_status=403), GatewayUnavailable, "credentials_refused"),
        (stripe.IdempotencyError("other body", http_status=400), GatewayRefused, "key_reused"),
        (card_error(), GatewayRefused, "insufficient_funds"),
        (
            stripe.InvalidRequestError("no", "id", "resource_missing", http_status=404),
            GatewayRefused,
            "resource_missing",
        ),
        (stripe.InvalidRequestError("much", "amount", http_status=400), GatewayRefused, "refund_exceeds_capture"),
    ],
)
def test_stripe(error: stripe.StripeError, kind: type[GatewayError], code: str) -> None:
    mapped = _gateway_error(error)
    assert (type(mapped), mapped.code) == (kind, code)

"""Webhooks of the providers as the sandbox signs them: believed once, and only as a hint to look."""

import asyncio
from typing import Any

import pytest
from tests.payment.support.house import configure_without_webhooks, event_types
from tests.payment.web.conftest import Till
from tests.payment.web.sending import send
from tests.support.sandbox import Receiver, Webhook
from tests.support.waiting import eventually

from kit.sql import Pool

FIRST = {"card": "checkout.session.completed", "paypal": "CHECKOUT.ORDER.APPROVED"}


async def pay_and_never_return(till: Till, receiver: Receiver, method: str) -> tuple[dict[str, Any], Webhook]:
    """The citizen pays, and closes the browser on the provider's page."""
    payment = await till.create()
    await till.open(payment)
    hosted = (await till.choose(payment, method)).headers["location"]
    session = hosted.split("?")[0].rsplit("/", 1)[-1]
    await till.press(hosted, "pay")

    def found() -> list[Webhook]:
        return [webhook for webhook in receiver.of(FIRST[method]) if session.encode() in webhook.body]

    return payment, (await eventually(found))[0]


async def state_soon(till: Till, payment: dict[str, Any], wanted: str) -> str:
    for _ in range(100):
        state: str = (await till.read(payment))["state"]
        if state == wanted:
            break
        await asyncio.sleep(0.05)
    return state


@pytest.mark.parametrize("method", ["card", "paypal"])
async def test_who_never_returns_has_paid_all_the_same(
    till: Till, receiver: Receiver, house: Pool, method: str
) -> None:
    payment, webhook = await pay_and_never_return(till, receiver, method)
    for _ in range(3):
        assert (await send(till, webhook)).status_code == 200
    assert await state_soon(till, payment, "paid") == "paid"
    assert await event_types(house) == ["payment.paid"]
    assert await house.fetchval("SELECT count(*) FROM provider_event") == 1


@pytest.mark.parametrize("method", ["card", "paypal"])
async def test_changed_bytes_or_none_signed_are_refused(
    till: Till, receiver: Receiver, house: Pool, method: str
) -> None:
    payment, webhook = await pay_and_never_return(till, receiver, method)
    assert (await send(till, webhook, body=webhook.body + b" ")).status_code == 400
    plain = {"content-type": "application/json"}
    assert (await till.app.post(webhook.path, content=webhook.body, headers=plain)).status_code == 400
    assert (await till.read(payment))["state"] == "pending"
    assert await house.fetchval("SELECT count(*) FROM provider_event") == 0


async def test_a_webhook_of_another_tenant_is_refused(till: Till, receiver: Receiver) -> None:
    _, webhook = await pay_and_never_return(till, receiver, "card")
    assert (await send(till, webhook, path="/webhooks/erkelenz/stripe")).status_code == 400
    assert (await send(till, webhook, path="/webhooks/nobody/stripe")).status_code == 404


async def test_without_a_secret_the_endpoint_is_off(till: Till, receiver: Receiver, house: Pool) -> None:
    _, webhook = await pay_and_never_return(till, receiver, "card")
    await configure_without_webhooks(house)
    assert (await send(till, webhook)).status_code == 400


async def test_a_huge_webhook_is_refused(till: Till) -> None:
    answer = await till.app.post("/webhooks/heinsberg/stripe", content=b"x" * 200_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

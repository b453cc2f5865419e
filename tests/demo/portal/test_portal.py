"""The portal against a payment service that answers as agreed, or not at all."""

import hashlib
import hmac
from datetime import UTC, datetime

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.demo.portal.partners import HTML, NOW, SECRET, Partners, order, order_path, start

from demo.portal.settings import Settings
from kit.ids import uuid7


def sign(body: bytes, at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    stamp = int(at.timestamp())
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Schalter-Signature": f"t={stamp},v1={mac}", "Content-Type": "application/json"}


async def test_the_home_page_leads_to_each_tenant(client: AsyncTestClient[Litestar], partners: Partners) -> None:
    page = (await client.get("/", headers=HTML)).text
    assert 'href="http://booking.test/heinsberg/?lang=de"' in page
    partners.away = True
    page = await client.get("/", headers=HTML)
    assert (page.status_code, "Termine sind gerade nicht erreichbar" in page.text) == (200, True)


async def test_an_order_costs_fifteen_euros_and_leads_to_the_checkout(
    client: AsyncTestClient[Litestar], partners: Partners
) -> None:
    answer = await order(client)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "http://payment.test/kreis-heinsberg/checkout/token",
    )
    assert partners.bodies[0]["items"][0]["amount_cents"] == 1500  # type: ignore[index]
    assert "form-action 'self' http://payment.test;" in answer.headers["content-security-policy"]


async def test_a_double_click_is_one_payment(client: AsyncTestClient[Litestar], partners: Partners) -> None:
    same = str(uuid7())
    await order(client, order=same)
    await order(client, order=same)
    assert len(partners.payments) == 1
    await order(client, order=same, plot="99")
    assert len(partners.payments) == 2, "another parcel is another order"


@pytest.mark.parametrize(("field", "value"), [("district", ""), ("field", "0"), ("field", "zwölf"), ("plot", "1/2/3")])
async def test_a_wrong_field_is_named(
    client: AsyncTestClient[Litestar], partners: Partners, field: str, value: str
) -> None:
    answer = await order(client, **{field: value})
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert partners.payments == {}


async def test_payment_away_keeps_what_was_typed(client: AsyncTestClient[Litestar], partners: Partners) -> None:
    partners.away = True
    answer = await order(client, plot="77")
    assert answer.status_code == 503
    assert "Es wurde nichts abgebucht" in answer.text
    assert 'value="77"' in answer.text


async def test_the_return_proves_nothing_and_the_webhook_delivers(
    client: AsyncTestClient[Litestar], partners: Partners
) -> None:
    await order(client)
    path = order_path(partners)
    page = (await client.get(path, headers=HTML)).text
    assert "wird geprüft" in page
    assert '<meta http-equiv="refresh" content="3">' in page
    assert (await client.get(f"{path}/auszug.pdf")).status_code == 409

    body = msgspec.json.encode({"type": "payment.paid", "payment_id": partners.move("paid", 4)})
    assert (await client.post("/webhooks/payment", content=body, headers=sign(body))).status_code == 204
    partners.away = True  # what the webhook brought stands by itself
    page = (await client.get(path, headers=HTML)).text
    assert "Bezahlt" in page
    assert "refresh" not in page
    document = await client.get(f"{path}/auszug.pdf")
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-1.4")
    assert b"MUSTER" in document.content
    assert "345/6".encode("cp1252") in document.content


async def test_without_a_webhook_the_status_tells(client: AsyncTestClient[Litestar], partners: Partners) -> None:
    await order(client)
    partners.move("paid", 3)
    assert "Bezahlt" in (await client.get(order_path(partners), headers=HTML)).text


@pytest.mark.parametrize("fault", ["body", "secret", "old", "future", "missing", "malformed"])
async def test_a_forged_webhook_changes_nothing(
    client: AsyncTestClient[Litestar], partners: Partners, fault: str
) -> None:
    await order(client)
    body = msgspec.json.encode({"payment_id": partners.move("paid", 4)})
    headers = {
        "body": sign(body + b" "),
        "secret": sign(body, secret="another"),
        "old": sign(body, datetime.fromtimestamp(NOW.timestamp() - 301, UTC)),
        "future": sign(body, datetime.fromtimestamp(NOW.timestamp() + 301, UTC)),
        "missing": {},
        "malformed": {"Schalter-Signature": "t=x,v1=y"},
    }[fault]
    answer = await client.post("/webhooks/payment", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    partners.away = True
    assert "wird geprüft" in (await client.get(order_path(partners), headers=HTML)).text


async def test_webhooks_come_again_and_out_of_order(client: AsyncTestClient[Litestar], partners: Partners) -> None:
    await order(client)
    body = msgspec.json.encode({"payment_id": partners.move("paid", 4)})
    for _ in range(2):
        assert (await client.post("/webhooks/payment", content=body, headers=sign(body))).status_code == 204
    partners.move("pending", 2)
    assert (await client.post("/webhooks/payment", content=body, headers=sign(body))).status_code == 204
    assert "Bezahlt" in (await client.get(order_path(partners), headers=HTML)).text


async def test_payment_away_asks_for_the_webhook_again(client: AsyncTestClient[Litestar], partners: Partners) -> None:
    await order(client)
    body = msgspec.json.encode({"payment_id": partners.move("paid", 4)})
    partners.away = True
    assert (await client.post("/webhooks/payment", content=body, headers=sign(body))).status_code == 503


async def test_an_expired_payment_says_that_nothing_was_charged(
    client: AsyncTestClient[Litestar], partners: Partners
) -> None:
    await order(client)
    partners.move("expired", 2)
    assert "Es wurde nichts abgebucht" in (await client.get(order_path(partners), headers=HTML)).text


async def test_somebody_elses_order_does_not_exist(client: AsyncTestClient[Litestar], partners: Partners) -> None:
    await order(client)
    client.cookies.clear()
    assert (await client.get(order_path(partners), headers=HTML)).status_code == 404


async def test_orders_outlive_the_process(settings: Settings, partners: Partners) -> None:
    async with start(settings, partners) as client:
        await order(client)
        cookies = dict(client.cookies)
    partners.move("paid", 3)
    async with start(settings, partners) as client:
        client.cookies.update(cookies)
        assert "Bezahlt" in (await client.get(order_path(partners), headers=HTML)).text
    assert partners.registrations == 1, "the secret was told once and is kept"

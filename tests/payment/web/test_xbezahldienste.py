"""The facade: the standard's three calls, by its names, limits and codes."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec
import pytest
from litestar.testing import AsyncTestClient
from tests.payment.support.apps import lent_app
from tests.payment.support.house import PORTAL, PUBLIC_URL, Clock, body, key_for, settings_for, state_of
from tests.payment.support.transactions import BASE, END_POINT, ORIGINATOR, asked, configure_originators, item
from tests.support.database import Database

from kit.sql import Pool
from payment.domain.kassenzeichen import is_valid
from payment.usecases.configure import OriginatorEntry

BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
ORDER = f"{BASE}/paymenttransaction/{ORIGINATOR}/{END_POINT}"


@pytest.fixture(autouse=True)
async def originators(house: Pool) -> None:
    await configure_originators(house)


async def order(client: AsyncTestClient, key: str, path: str = ORDER, **changes: Any) -> Any:
    return await client.post(path, json=asked(**changes), headers={"Authorization": f"Bearer {key}"})


async def get(client: AsyncTestClient, key: str, path: str) -> Any:
    return await client.get(path, headers={"Authorization": f"Bearer {key}"})


async def test_an_order_becomes_a_payment_with_a_page_to_pay(client: AsyncTestClient, key: str, house: Pool) -> None:
    request = asked()
    answer = await client.post(ORDER, json=request, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    information = answer.json()["paymentInformation"]
    id_ = information["transactionId"]
    assert information["status"] == "INITIAL"
    assert information["transactionUrl"] == f"{PUBLIC_URL}{ORDER}/{id_}"
    assert information["transactionRedirectUrl"].startswith(f"{PUBLIC_URL}/heinsberg/checkout/")
    assert is_valid(information["transactionReference"])
    assert {"transactionTimestamp", "paymentMethod"}.isdisjoint(information)
    requestor = request.pop("requestor")
    assert requestor
    assert answer.json()["paymentRequest"] == request
    assert (await get(client, key, f"{ORDER}/{id_}")).json() == answer.json()

    native = (await get(client, key, f"/v1/payments/{id_}")).json()
    assert (native["amount"]["amount_cents"], native["reference"]) == (3000, request["requestId"])
    [(quantity, cents, accounting)] = await house.fetch(
        "SELECT quantity, amount_cents, accounting FROM payment_item WHERE payment_id = $1", UUID(id_)
    )
    assert (quantity, cents, accounting) == (2, 1500, {"Haushaltsstelle": "51110.43110000"})


async def test_amounts_are_numbers_digit_by_digit(client: AsyncTestClient, key: str) -> None:
    text = msgspec.json.encode(asked()).replace(b'"grosAmount":30.0', b'"grosAmount":30.00')
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answer = await client.post(ORDER, content=text, headers=headers)
    assert '"grosAmount":30.00' in answer.text
    assert '"singleNetAmount":12.605' in answer.text


async def test_the_requestor_is_not_kept(client: AsyncTestClient, key: str, house: Pool) -> None:
    assert (await order(client, key)).status_code == 200
    kept = await house.fetchval("SELECT string_agg(t::text, ' ') FROM xbezahldienste_transaction t")
    kept += await house.fetchval("SELECT string_agg(p::text, ' ') FROM payment p")
    assert "Apfelstra" not in kept
    assert "Mustermann" not in kept


async def test_the_very_same_request_gets_the_same_payment(client: AsyncTestClient, key: str, house: Pool) -> None:
    request = asked(requestId="A-1")
    headers = {"Authorization": f"Bearer {key}"}
    answers = await asyncio.gather(*(client.post(ORDER, json=request, headers=headers) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 1
    assert await house.fetchval("SELECT count(*) FROM payment") == 1


async def test_another_request_with_the_same_id_exists(client: AsyncTestClient, key: str) -> None:
    await order(client, key, requestId="A-1")
    answer = await order(client, key, requestId="A-1", purpose="Anderes")
    assert (answer.status_code, answer.json()["functionalCode"]) == (409, "PAYMENT_EXISTS")
    assert answer.headers["content-type"] == "application/problem+json"


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"grosAmount": 30.01}, "CALCULATION_ERROR", "grosAmount"),
    ({"items": [item(), item()]}, "CALCULATION_ERROR", "grosAmount"),
    ({"items": [item(singleNetAmount=99)]}, "CALCULATION_ERROR", "items[0].totalNetAmount"),
    ({"grosAmount": 30.001}, "VALIDATION_ERROR", "grosAmount"),
    ({"grosAmount": 1_000_000}, "VALIDATION_ERROR", "grosAmount"),
    ({"grosAmount": "NaN"}, "VALIDATION_ERROR", "grosAmount"),
    ({"grosAmount": 0, "items": [item(totalNetAmount=0, totalTaxAmount=0, singleNetAmount=0, singleTaxAmount=0)]},
     "VALIDATION_ERROR", "items"),
    ({"items": [item(totalNetAmount=-1)]}, "VALIDATION_ERROR", "items[0].totalNetAmount"),
    ({"items": [item(taxRate=101)]}, "VALIDATION_ERROR", "items[0].taxRate"),
    ({"items": []}, "VALIDATION_ERROR", "items"),
    ({"items": [item()] * 100}, "VALIDATION_ERROR", "items"),
    ({"items": [item(quantity=0)]}, "VALIDATION_ERROR", "items[0].quantity"),
    ({"items": [item(bookingData={"x": "y" * 251})]}, "VALIDATION_ERROR", "items[0].bookingData"),
    ({"requestId": "x" * 37}, "VALIDATION_ERROR", "requestId"),
    ({"requestId": "a b"}, "VALIDATION_ERROR", "requestId"),
    ({"requestId": "a\n"}, "VALIDATION_ERROR", "requestId"),
    ({"requestTimestamp": "2026-11-20T09:30:00Z"}, "VALIDATION_ERROR", "requestTimestamp"),
    ({"requestTimestamp": "2026-13-20T09:30:00.000Z"}, "VALIDATION_ERROR", "requestTimestamp"),
    ({"currency": "USD"}, "VALIDATION_ERROR", "currency"),
    ({"purpose": "x" * 28}, "VALIDATION_ERROR", "purpose"),
    ({"description": "x" * 251}, "VALIDATION_ERROR", "description"),
    ({"description": "a\x00b"}, "VALIDATION_ERROR", "description"),
    ({"items": [item(description="a\x00b")]}, "VALIDATION_ERROR", "items[0].description"),
    ({"redirectUrl": "https://evil.example/"}, "VALIDATION_ERROR", "redirectUrl"),
    ({"redirectUrl": "https://portal.example/\x00"}, "VALIDATION_ERROR", "redirectUrl"),
    ({"redirectUrl": "x" * 2083}, "VALIDATION_ERROR", "redirectUrl"),
    ({"requestor": {"gender": "X"}}, "VALIDATION_ERROR", "requestor.gender"),
    ({"grossAmount": 30}, "VALIDATION_ERROR", "grossAmount"),
]  # fmt: skip


async def test_what_is_wrong_is_named(client: AsyncTestClient, key: str, house: Pool) -> None:
    for change, code, field in WRONG:
        answer = await order(client, key, **change)
        problem = answer.json()
        assert (answer.status_code, problem["functionalCode"]) == (400, code), problem
        assert field in [error["field"] for error in problem["errors"]], problem
    assert await house.fetchval("SELECT count(*) FROM payment") == 0


async def test_a_fraction_of_a_cent_is_seen_however_small(client: AsyncTestClient, key: str) -> None:
    text = msgspec.json.encode(asked()).replace(b'"grosAmount":30.0', b'"grosAmount":30.' + b"0" * 40 + b"1")
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answer = await client.post(ORDER, content=text, headers=headers)
    assert (answer.status_code, answer.json()["functionalCode"]) == (400, "VALIDATION_ERROR")


async def test_what_cannot_be_read_is_a_validation_error(client: AsyncTestClient, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    huge, deep = b'{"grosAmount": 1e99999999999999999999}', b'{"x":' * 10_000
    for content in (b"", b"{", b"[]", b'{"grosAmount": 1e999999}', huge, deep, b'{"requestId": "\\ud800"}', b"\xff"):
        answer = await client.post(ORDER, content=content, headers=headers)
        assert (answer.status_code, answer.json()["functionalCode"]) == (400, "VALIDATION_ERROR"), content


async def test_null_is_as_good_as_absent(client: AsyncTestClient, key: str) -> None:
    optional = {"reference": None, "taxRate": None, "singleNetAmount": None, "singleTaxAmount": None}
    answer = await order(client, key, description=None, requestor=None, items=[item(bookingData=None, **optional)])
    assert answer.status_code == 200, answer.text


async def test_what_the_treasury_books_by_may_be_required(client: AsyncTestClient, key: str, house: Pool) -> None:
    wanted = OriginatorEntry(id=ORIGINATOR, end_points=(END_POINT,), booking_data=("Haushaltsstelle", "Objekt"))
    await configure_originators(house, wanted)
    answer = await order(client, key)
    assert (answer.status_code, answer.json()["functionalCode"]) == (400, "BOOKING_DATA_MISSING")
    assert [error["field"] for error in answer.json()["errors"]] == ["items[0].bookingData.Objekt"]
    whole = item(bookingData={"Haushaltsstelle": "51110", "Objekt": "4711"})
    assert (await order(client, key, items=[whole])).status_code == 200


@pytest.mark.parametrize("path", ["someone/stadtkasse", "buergerportal/kreiskasse"])
async def test_only_configured_services_charge_for_configured_authorities(
    client: AsyncTestClient, key: str, path: str
) -> None:
    for answer in (
        await order(client, key, f"{BASE}/paymenttransaction/{path}"),
        await get(client, key, f"{BASE}/paymenttransaction/{path}/{uuid4()}"),
        await get(client, key, f"{BASE}/status/{path}"),
    ):
        assert (answer.status_code, answer.json()["functionalCode"]) == (403, "NO_VALID_ORIGINATOR_OR_ENDPOINT")


async def test_another_tenants_key_finds_nothing(client: AsyncTestClient, key: str, house: Pool, clock: Clock) -> None:
    id_ = (await order(client, key)).json()["paymentInformation"]["transactionId"]
    stranger = await key_for(house, clock, "erkelenz")
    answer = await get(client, stranger, f"{ORDER}/{id_}")
    assert (answer.status_code, answer.json()["functionalCode"]) == (403, "NO_VALID_ORIGINATOR_OR_ENDPOINT")
    await configure_originators(house, slug="erkelenz")
    answer = await get(client, stranger, f"{ORDER}/{id_}")
    assert (answer.status_code, answer.json()["functionalCode"]) == (404, "UNSPECIFIED")


@pytest.mark.parametrize("id_", ["nonsense", "019370c1-0000-7000-8000-000000000000"])
async def test_an_unknown_transaction(client: AsyncTestClient, key: str, id_: str) -> None:
    assert (await get(client, key, f"{ORDER}/{id_}")).status_code == 404


async def test_a_native_payment_is_no_transaction(client: AsyncTestClient, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "native"}
    native = (await client.post("/v1/payments", json=body(), headers=headers)).json()
    assert (await get(client, key, f"{ORDER}/{native['id']}")).status_code == 404


async def test_no_key_or_too_small_a_key_is_forbidden(client: AsyncTestClient, house: Pool, clock: Clock) -> None:
    reader = await key_for(house, clock, scopes=["payments:read"])
    for answer in (await order(client, "nonsense"), await order(client, reader), await client.get(f"{ORDER}/x")):
        assert (answer.status_code, answer.json()["functionalCode"]) == (403, "FORBIDDEN")
    assert (await get(client, reader, f"{BASE}/status/{ORIGINATOR}/{END_POINT}")).status_code == 200


async def test_the_status_says_whether_payments_are_taken(client: AsyncTestClient, key: str, house: Pool) -> None:
    path = f"{BASE}/status/{ORIGINATOR}/{END_POINT}"
    answer = await get(client, key, path)
    assert (answer.status_code, answer.content) == (200, b"")
    await configure_originators(house, methods={})
    answer = await get(client, key, path)
    assert (answer.status_code, answer.json()["functionalCode"]) == (503, "UNSPECIFIED")


async def test_a_town_without_a_way_to_pay_says_so_on_the_page(client: AsyncTestClient, key: str, house: Pool) -> None:
    ordered = (await order(client, key)).json()["paymentInformation"]
    await configure_originators(house, methods={})
    page = await client.get(ordered["transactionRedirectUrl"].removeprefix(PUBLIC_URL), headers=BROWSER)
    assert "kein Weg zum Bezahlen" in page.text
    assert "pay-card" not in page.text


async def test_a_native_payment_is_not_the_citizens_to_cancel(client: AsyncTestClient, key: str, house: Pool) -> None:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "native"}
    native = (await client.post("/v1/payments", json=body(), headers=headers)).json()
    page = await client.get(native["next_url"].removeprefix(PUBLIC_URL), headers=BROWSER)
    assert "pay-cancel" not in page.text
    assert (await client.post(f"/heinsberg/kasse/{native['id']}/ende", headers=BROWSER)).status_code == 404
    assert await state_of(house, UUID(native["id"])) == "created"


SECRET = "proxy-secret-of-the-tests"
CERTIFICATE = b"DER of a certificate"
PRINT = hashlib.sha256(CERTIFICATE).hexdigest()
PLAIN = base64.b64encode(CERTIFICATE).decode()
PEM = f"-----BEGIN CERTIFICATE-----\n{PLAIN}\n-----END CERTIFICATE-----\n"


@pytest.fixture
async def behind_proxy(payment_database: Database, house: Pool, clock: Clock) -> AsyncIterator[AsyncTestClient]:
    await configure_originators(
        house,
        OriginatorEntry(id=ORIGINATOR, end_points=(END_POINT,), certificates=(PRINT,)),
        OriginatorEntry(id="another", end_points=(END_POINT,)),
    )
    settings = settings_for(payment_database.url, client_cert_header="Client-Cert", client_cert_secret=SECRET)
    with lent_app(settings, clock) as app:
        async with AsyncTestClient(app, raise_server_exceptions=False) as test_client:
            yield test_client


@pytest.mark.parametrize("value", [f":{PLAIN}:", PLAIN, quote(PEM)])
async def test_a_verified_certificate_opens_its_originators_account(behind_proxy: AsyncTestClient, value: str) -> None:
    headers = {"Client-Cert": value, "Schalter-Proxy-Secret": SECRET}
    assert (await behind_proxy.post(ORDER, json=asked(), headers=headers)).status_code == 200
    other = f"{BASE}/paymenttransaction/another/{END_POINT}"
    answer = await behind_proxy.post(other, json=asked(), headers=headers)
    assert (answer.status_code, answer.json()["functionalCode"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("certificate", "secret"),
    [(f":{PLAIN}:", ""), (f":{PLAIN}:", "guessed"), (":AAAA:", SECRET), ("not base64!", SECRET), ("", SECRET)],
)
async def test_a_certificate_alone_opens_nothing(behind_proxy: AsyncTestClient, certificate: str, secret: str) -> None:
    headers = {"Client-Cert": certificate, "Schalter-Proxy-Secret": secret}
    answer = await behind_proxy.post(ORDER, json=asked(), headers=headers)
    assert (answer.status_code, answer.json()["functionalCode"]) == (403, "FORBIDDEN")


async def test_certificates_are_off_by_default(client: AsyncTestClient, house: Pool) -> None:
    entry = OriginatorEntry(id=ORIGINATOR, end_points=(END_POINT,), certificates=(PRINT,))
    await configure_originators(house, entry)
    headers = {"Client-Cert": f":{PLAIN}:", "Schalter-Proxy-Secret": ""}
    assert (await client.post(ORDER, json=asked(), headers=headers)).status_code == 403


async def test_the_citizen_may_cancel_since_the_caller_cannot(client: AsyncTestClient, key: str, house: Pool) -> None:
    ordered = (await order(client, key)).json()["paymentInformation"]
    page = await client.get(ordered["transactionRedirectUrl"].removeprefix(PUBLIC_URL), headers=BROWSER)
    assert "pay-cancel" in page.text
    path = f"/heinsberg/kasse/{ordered['transactionId']}/ende"
    ended = await client.post(path, headers=BROWSER)
    assert "abgebrochen" in ended.text
    assert f'href="{PORTAL}/danke?antrag=4711"' in ended.text
    information = (await get(client, key, f"{ORDER}/{ordered['transactionId']}")).json()["paymentInformation"]
    assert information["status"] == "CANCELED"
    assert "transactionRedirectUrl" not in information
    assert await state_of(house, UUID(ordered["transactionId"])) == "cancelled"

from typing import Any
from uuid import uuid4

import pytest
from litestar.testing import AsyncTestClient
from tests.payment.support.house import Clock, body, key_for

from kit.sql import Pool
from payment.domain.kassenzeichen import is_valid


async def create(client: AsyncTestClient, key: str, **changes: Any) -> Any:
    idempotency_key = changes.pop("idempotency_key", str(uuid4()))
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency_key}
    return await client.post("/v1/payments", json=body(**changes), headers=headers)


async def read(client: AsyncTestClient, key: str, id_: str) -> Any:
    return await client.get(f"/v1/payments/{id_}", headers={"Authorization": f"Bearer {key}"})


async def test_a_new_payment_has_its_checkout_page_at_once(client: AsyncTestClient, key: str) -> None:
    answer = await create(client, key, reference="A-1")
    assert answer.status_code == 201
    payment = answer.json()
    assert payment["state"] == "created"
    assert payment["amount"] == {"amount_cents": 1500, "currency": "EUR"}
    assert payment["next_url"].startswith("http://127.0.0.1:8002/heinsberg/checkout/")
    assert is_valid(payment["treasury_reference"])
    assert (await read(client, key, payment["id"])).json() == payment


async def test_the_same_key_gives_the_same_answer_and_one_payment(
    client: AsyncTestClient, key: str, house: Pool
) -> None:
    first = await create(client, key, idempotency_key="once")
    again = await create(client, key, idempotency_key="once")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert await house.fetchval("SELECT count(*) FROM payment") == 1


async def test_the_same_key_with_another_body_is_refused(client: AsyncTestClient, key: str) -> None:
    await create(client, key, idempotency_key="once")
    answer = await create(client, key, idempotency_key="once", reference="other")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "idempotency_key_reused"


async def test_no_secret_lies_in_the_stored_answer(client: AsyncTestClient, key: str, house: Pool) -> None:
    await create(client, key)
    assert "/checkout/" not in str(await house.fetchval("SELECT answer::text FROM idempotent_answer"))


async def test_another_tenants_payment_is_not_found(client: AsyncTestClient, key: str, house: Pool) -> None:
    payment = (await create(client, key)).json()
    other = await key_for(house, Clock(), "erkelenz")
    assert (await read(client, other, payment["id"])).status_code == 404


def line(**changes: Any) -> dict[str, Any]:
    return {"description": "x", "quantity": 1, "amount_cents": 1} | changes


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [line(quantity=0)]}, "items[0].quantity"),
        ({"items": [line(amount_cents=-1)]}, "items[0].amount_cents"),
        ({"items": [line(amount_cents=0)]}, "items"),
        ({"items": [line(amount_cents=1.5)]}, "items"),
        ({"items": [line(accounting={"Haushaltsstelle": "\x00"})]}, "items[0].accounting"),
        ({"items": [line(accounting={"\x00": "51110"})]}, "items[0].accounting"),
        ({"currency": "USD"}, "currency"),
        ({"expires_in_s": 1}, "expires_in_s"),
        ({"reference": " "}, "reference"),
        ({"return_url": "https://evil.example/"}, "return_url"),
        ({"return_url": "https://portal.example@evil.example/"}, "return_url"),
        ({"return_url": "https://portal.example.evil.example/"}, "return_url"),
        ({"return_url": "http://portal.example/"}, "return_url"),
        ({"return_url": "javascript:alert(1)"}, "return_url"),
        ({"return_url": "//portal.example/"}, "return_url"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_bad_input_names_its_field(client: AsyncTestClient, key: str, change: dict[str, Any], field: str) -> None:
    answer = await create(client, key, **change)
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["code"] == "invalid_request"
    assert field in str(problem["errors"]) or field in problem["detail"]


async def test_an_idempotency_key_is_needed(client: AsyncTestClient, key: str) -> None:
    answer = await client.post("/v1/payments", json=body(), headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("wrong", ["", "nonsense", "test_abcdefgh_" + "x" * 38])
async def test_without_a_valid_key_nothing_is_told(client: AsyncTestClient, wrong: str) -> None:
    answer = await create(client, wrong)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")


async def test_a_changed_key_is_refused(client: AsyncTestClient, key: str) -> None:
    assert (await create(client, key[:-1] + ("a" if key[-1] != "a" else "b"))).status_code == 401


async def test_a_key_does_what_its_scopes_say(client: AsyncTestClient, house: Pool, clock: Clock) -> None:
    reader = await key_for(house, clock, scopes=["payments:read"])
    answer = await create(client, reader)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_demo_refuses_live_keys(client: AsyncTestClient, house: Pool, clock: Clock) -> None:
    live = await key_for(house, clock, mode="live")
    assert (await create(client, live)).status_code == 403


async def test_the_use_of_a_key_is_noted(client: AsyncTestClient, key: str, house: Pool) -> None:
    await create(client, key)
    assert await house.fetchval("SELECT last_used_at FROM api_key") is not None


async def test_huge_and_malformed_bodies_are_problems(client: AsyncTestClient, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "x", "Content-Type": "application/json"}
    huge = await client.post("/v1/payments", content=b'{"reference": "' + b"x" * 300_000 + b'"}', headers=headers)
    assert (huge.status_code, huge.json()["code"]) == (413, "too_large")
    malformed = await client.post("/v1/payments", content=b"{", headers=headers)
    assert malformed.status_code == 400
    assert malformed.headers["content-type"] == "application/problem+json"


async def test_the_history_begins_with_the_creation(client: AsyncTestClient, key: str) -> None:
    payment = (await create(client, key)).json()
    answer = await client.get(f"/v1/payments/{payment['id']}/events", headers={"Authorization": f"Bearer {key}"})
    (entry,) = answer.json()["items"]
    assert (entry["trigger"], entry["state"], entry["version"]) == ("create", "created", 1)

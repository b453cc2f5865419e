"""What cannot be asked for is refused, and the answer names the field."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.sample import MAP, MARRIAGE, PERSO, TENANT, files, service_id
from tests.booking.support.holding import Client, hold, hold_body

from booking.usecases.configure import configure
from kit.sql import Pool

pytestmark = pytest.mark.usefixtures("town")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": "2026-11-20T08:00:00+01:00"}, "start"),  # past
        ({"start": "2026-11-24T08:05:00+01:00"}, "start"),  # off the grid
        ({"start": "2026-11-24T08:00:01+01:00"}, "start"),
        ({"start": "2026-11-24T12:00:00+01:00"}, "start"),  # closed
        ({"start": "2026-11-24T23:45:00+01:00", "quantity": 3}, "start"),  # over midnight
        ({"start": "2026-11-29T08:00:00+01:00"}, "start"),  # a Sunday
        ({"start": "2027-11-24T08:00:00+01:00"}, "start"),  # behind the window
        ({"start": "9999-12-31T23:45:00+00:00"}, "start"),
        ({"start": "2026-11-24T08:00:00"}, "start"),  # no offset
        ({"quantity": 0}, "items[0].quantity"),
        ({"quantity": 4}, "items[0].quantity"),
        ({"quantity": 10**30}, "items[0].quantity"),
        ({"name": MAP}, "items[0].service_id"),
        ({"name": "Express (Zuschlag)"}, "items[0].service_id"),
        ({"name": "unknown"}, "items[0].service_id"),
        ({"items": []}, "items"),
        ({"items": [{"service_id": str(service_id(PERSO))}] * 2}, "items"),
        ({"items": [{"service_id": str(service_id(PERSO))}, {"service_id": str(service_id(MARRIAGE))}]}, "items"),
        ({"channel": "video"}, "channel"),
        ({"location_id": str(service_id(PERSO))}, "location_id"),
        ({"responsibility": "made.up"}, "responsibility"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_wrong_hold_names_the_field(booking_client: Client, change: dict[str, Any], field: str) -> None:
    response = await hold(booking_client, **change)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, "invalid_request"), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"items": "nonsense"}, "items[0]"),
        ({"items": f"{service_id(PERSO)}:many"}, "items[0]"),
        ({"items": f"{service_id(PERSO)}:99"}, "items[0].quantity"),
        ({"days": 63}, "days"),
        ({"days": 0}, "days"),
        ({"days": "x"}, "days"),
        ({"from": "2026-11-01"}, "from"),
        ({"from": "9999-12-31"}, "from"),
        ({"from": "tomorrow"}, "from"),
        ({"channel": "telepathy"}, "channel"),
        ({"location": "here"}, "location"),
    ],
)
async def test_a_wrong_question_names_the_field(booking_client: Client, query: dict[str, Any], field: str) -> None:
    params = {"items": f"{service_id(PERSO)}:1", "from": "2026-11-24"} | query
    response = await booking_client.get(f"/v1/tenants/{TENANT}/availability", params=params)
    assert response.status_code == 400, response.text
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_characters_that_are_none_are_refused(booking_client: Client) -> None:
    for field in ("letter", "life_situation"):
        response = await booking_client.get(f"/v1/tenants/{TENANT}/services", params={field: "\0"})
        assert (response.status_code, response.json()["errors"][0]["field"]) == (400, field)
    assert (await booking_client.get("/v1/tenants/a%00b/services")).status_code == 404


async def test_items_are_required(booking_client: Client) -> None:
    response = await booking_client.get(f"/v1/tenants/{TENANT}/availability")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "items")


async def test_an_unknown_tenant_is_not_found(booking_client: Client) -> None:
    for path in ("services", f"availability?items={service_id(PERSO)}:1"):
        response = await booking_client.get(f"/v1/tenants/nowhere/{path}")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_bodies_that_are_none(booking_client: Client) -> None:
    path, headers = f"/v1/tenants/{TENANT}/appointments", {"Idempotency-Key": "k", "Content-Type": "application/json"}
    malformed = await booking_client.post(path, content=b'{"items": [', headers=headers)
    assert (malformed.status_code, malformed.json()["code"]) == (400, "invalid_request")
    huge = await booking_client.post(path, content=b'{"items": "' + b"x" * 100_000 + b'"}', headers=headers)
    assert (huge.status_code, huge.json()["code"]) == (413, "too_large")
    no_key = await booking_client.post(path, json=hold_body())
    assert (no_key.status_code, no_key.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
    wrong_method = await booking_client.put(path, json=hold_body())
    assert wrong_method.status_code == 405


async def test_no_tenant_sees_or_books_what_belongs_to_another(
    booking_client: Client, booking_pool: Pool, clock: SetClock
) -> None:
    await configure(booking_pool, files(slug="andernorts"), clock)
    foreign = str(service_id(PERSO, "andernorts"))
    response = await hold(booking_client, items=[{"service_id": foreign}])
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "items[0].service_id")
    listed = (await booking_client.get(f"/v1/tenants/{TENANT}/services")).json()["items"]
    assert foreign not in {item["id"] for item in listed}


async def test_a_character_that_no_text_may_hold_is_the_callers_mistake(
    booking_client: AsyncTestClient[Litestar],
) -> None:
    lost = {"number": "K7MP-4QXZ", "email": "a\0@example.org"}
    answer = await booking_client.post(f"/v1/tenants/{TENANT}/find-appointment", json=lost)
    assert (answer.status_code, answer.json()["detail"]) == (400, "Texts hold no NUL character.")

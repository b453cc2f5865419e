"""A tenant's other systems are told of appointments: signed, repeated until taken, never into our own network."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.sample import TENANT
from tests.booking.support.life import Life, at
from tests.booking.support.staff import staff
from tests.support.sandbox import Receiver

from booking.app import build
from booking.settings import Settings
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.deliver_webhooks import Sender, deliver_webhooks, forget_old_deliveries
from contracts.booking import AppointmentWebhook
from kit.trust import public_authorities

ALL = ["appointment.confirmed", "appointment.moved", "appointment.cancelled", "appointment.completed"]
ENDPOINTS = "/v1/staff/webhook-endpoints"
DELIVERIES = "/v1/staff/webhook-deliveries"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
async def client(booking_settings: Settings, life: Life) -> AsyncIterator[AsyncTestClient[Litestar]]:
    settings = msgspec.structs.replace(booking_settings, demo_mode=True, allow_loopback=True)
    async with AsyncTestClient(build(settings, life.clock)) as client:
        yield client


@pytest.fixture
async def sender(booking_settings: Settings) -> AsyncIterator[Sender]:
    async with httpx.AsyncClient(verify=public_authorities()) as http:
        yield Sender(http=http, key=booking_settings.link_key, allow_loopback=True)


async def register(client: AsyncTestClient[Litestar], url: str, *events: str, **more: Any) -> Any:
    answer = await client.post(
        ENDPOINTS, json={"url": url, "events": list(events or ALL)}, headers=staff("admin", **more)
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def log(client: AsyncTestClient[Litestar]) -> list[Any]:
    answer = await client.get(DELIVERIES, headers=staff("admin"))
    items: list[Any] = answer.json()["items"]
    return items


async def test_the_life_of_an_appointment_is_told_in_ids_and_instants(
    client: AsyncTestClient[Litestar], life: Life, receiver: Receiver, sender: Sender
) -> None:
    endpoint = await register(client, f"{receiver.url}/hook?x=1")
    access = await life.booked()
    await life.move(access, "09:00")
    await cancel_appointment(life.pool, life.clock, access)
    assert await deliver_webhooks(life.pool, sender, life.clock) == 3
    told = {webhook.event["type"]: webhook for webhook in receiver.received}
    assert sorted(told) == sorted(ALL[:3])
    moved = told["appointment.moved"]
    timestamp, mac = (part.split("=")[1] for part in moved.headers["schalter-signature"].split(","))
    signed = f"{timestamp}.".encode() + moved.body
    assert mac == hmac.new(endpoint["secret"].encode(), signed, hashlib.sha256).hexdigest()
    body = msgspec.json.decode(moved.body, type=AppointmentWebhook)
    assert (body.appointment_id, body.start, moved.path) == (access.appointment_id, at("09:00"), "/hook?x=1")
    assert set(json.loads(moved.body)) == set(AppointmentWebhook.__struct_fields__)
    assert b"Mustermann" not in b"".join(webhook.body for webhook in receiver.received)
    assert {entry["state"] for entry in await log(client)} == {"delivered"}


async def test_only_what_was_asked_for_is_sent(
    client: AsyncTestClient[Litestar], life: Life, receiver: Receiver, sender: Sender
) -> None:
    await register(client, receiver.url, "appointment.cancelled")
    removed = await register(client, receiver.url)
    access = await life.hold()
    answer = await client.delete(f"{ENDPOINTS}/{removed['id']}", headers=staff("admin"))
    assert answer.status_code == 204
    await life.confirm(access, "counter")
    await cancel_appointment(life.pool, life.clock, access)
    assert await deliver_webhooks(life.pool, sender, life.clock) == 1
    assert [webhook.event["type"] for webhook in receiver.received] == ["appointment.cancelled"]
    listed = (await client.get(ENDPOINTS, headers=staff("admin"))).json()["items"]
    assert [item["events"] for item in listed] == [["appointment.cancelled"]]


async def test_an_endpoint_that_is_removed_gets_not_even_what_waited(
    client: AsyncTestClient[Litestar], life: Life, receiver: Receiver, sender: Sender
) -> None:
    endpoint = await register(client, receiver.url)
    await life.confirm(await life.hold(), "counter")
    await client.delete(f"{ENDPOINTS}/{endpoint['id']}", headers=staff("admin"))
    assert await deliver_webhooks(life.pool, sender, life.clock) == 0
    (entry,) = await log(client)
    assert (entry["state"], entry["last_outcome"]) == ("failed", "endpoint_removed")
    replayed = await client.post(f"{DELIVERIES}/{entry['id']}/replay", headers=staff("admin"))
    assert replayed.status_code == 404
    again = await client.delete(f"{ENDPOINTS}/{endpoint['id']}", headers=staff("admin"))
    assert again.status_code == 404


async def test_it_is_repeated_with_growing_patience_then_given_up_and_replayed(
    client: AsyncTestClient[Litestar], life: Life, receiver: Receiver, sender: Sender
) -> None:
    await register(client, receiver.url)
    receiver.answers = [500] * 5 + [302]  # a redirect is not followed: it is a failure like others
    await life.confirm(await life.hold(), "counter")
    for pause in ({"minutes": 0}, {"minutes": 1}, {"minutes": 5}, {"hours": 1}, {"days": 1}, {"days": 2}):
        life.later(**pause)
        assert await deliver_webhooks(life.pool, sender, life.clock) == 1
        assert await deliver_webhooks(life.pool, sender, life.clock) == 0
    (given_up,) = await log(client)
    assert (given_up["state"], given_up["tries"], given_up["last_outcome"]) == ("failed", 6, "302")
    assert len(receiver.received) == 6
    path = f"{DELIVERIES}/{given_up['id']}/replay"
    assert (await client.post(path, headers=staff("admin", tenant="elsewhere"))).status_code == 404
    for _ in range(2):  # the same key again does not send it twice
        assert (await client.post(path, headers=staff("admin", key="again"))).status_code == 202
        await deliver_webhooks(life.pool, sender, life.clock)
    (delivered,) = await log(client)
    assert (delivered["state"], len(receiver.received)) == ("delivered", 7)


async def test_a_webhook_never_enters_our_own_network(
    client: AsyncTestClient[Litestar], life: Life, receiver: Receiver, sender: Sender
) -> None:
    """Even if it was registered while that was allowed."""
    await register(client, receiver.url)
    await life.confirm(await life.hold(), "counter")
    strict = msgspec.structs.replace(sender, allow_loopback=False)
    assert await deliver_webhooks(life.pool, strict, life.clock) == 1
    assert (await log(client))[0]["last_outcome"] == "private_address"
    assert receiver.received == []


async def test_a_wrong_address_is_named(client: AsyncTestClient[Litestar]) -> None:
    answer = await client.post(ENDPOINTS, json={"url": "http://portal.example/", "events": ALL}, headers=staff("admin"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "url")


async def test_registering_again_gives_the_same_secret_and_stores_none(
    client: AsyncTestClient[Litestar], life: Life
) -> None:
    first = await register(client, "https://portal.example/hook", key="one")
    assert await register(client, "https://portal.example/hook", key="one") == first
    other = await client.post(
        ENDPOINTS, json={"url": "https://x.example", "events": ALL}, headers=staff("admin", key="one")
    )
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    rows = await life.pool.fetch("SELECT e::text FROM webhook_endpoint e UNION SELECT i::text FROM idempotent_answer i")
    assert first["secret"] not in str(rows)


async def test_the_log_has_pages_and_ends_after_a_month(client: AsyncTestClient[Litestar], life: Life) -> None:
    endpoint = await register(client, "https://portal.example/hook")
    await life.pool.execute(
        "INSERT INTO webhook_delivery (id, tenant, endpoint_id, event_id, payload, state, created_at)"
        " SELECT gen_random_uuid(), $1, $2, gen_random_uuid(), jsonb_build_object('type', 'appointment.moved',"
        " 'appointment_id', gen_random_uuid()), 'delivered', $3 FROM generate_series(1, 60)",
        TENANT,
        endpoint["id"],
        life.clock(),
    )
    page = (await client.get(DELIVERIES, headers=staff("admin"))).json()
    rest = await client.get(DELIVERIES, params={"cursor": page["next_cursor"]}, headers=staff("admin"))
    found = [entry["position"] for entry in page["items"] + rest.json()["items"]]
    assert found == sorted(found, reverse=True)
    assert (len(set(found)), rest.json()["next_cursor"]) == (60, None)
    of_another = await client.get(DELIVERIES, params={"endpoint": str(uuid4())}, headers=staff("admin"))
    assert of_another.json()["items"] == []
    life.later(days=31)
    await forget_old_deliveries(life.pool, life.clock)
    assert await log(client) == []


async def test_it_is_an_administrators(client: AsyncTestClient[Litestar]) -> None:
    body = {"url": "https://portal.example/hook", "events": ALL}
    for method, path, data in (("POST", ENDPOINTS, body), ("GET", ENDPOINTS, None), ("GET", DELIVERIES, None)):
        for role in ("clerk", "lead", "treasurer"):
            assert (await client.request(method, path, json=data, headers=staff(role))).status_code == 403
        bare = await client.request(method, path, json=data, headers={"Idempotency-Key": "x"})
        assert bare.status_code == 401
    endpoint = await register(client, "https://portal.example/hook")
    other = await client.delete(f"{ENDPOINTS}/{endpoint['id']}", headers=staff("admin", tenant="elsewhere"))
    assert other.status_code == 404
    foreign = await client.get(ENDPOINTS, headers=staff("admin", tenant="elsewhere"))
    assert foreign.json()["items"] == []

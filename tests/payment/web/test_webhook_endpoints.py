"""Endpoints by the API: listed, disabled, their secrets rotated; the log of deliveries and the replay."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar.testing import AsyncTestClient
from tests.payment.support.house import Clock, body, key_for, settings_for
from tests.support.database import Database
from tests.support.sandbox import Receiver

from demo.portal.webhooks import is_genuine
from kit.sql import Pool
from kit.webhooks import open_client
from payment.app import open_tools
from payment.usecases.deliver_webhooks import deliver_webhooks

Client = AsyncTestClient[Any]
EVENTS = ["payment.cancelled"]


@pytest.fixture
def receiver() -> Any:
    receiver = Receiver()
    yield receiver
    receiver.stop()


class Portal:
    """Calls with its key, and is told."""

    def __init__(self, client: Client, key: str, deliver: Any) -> None:
        self.client = client
        self.key = key
        self.deliver = deliver

    async def call(self, method: str, path: str, content: Any = None, key: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {key or self.key}", "Idempotency-Key": str(uuid4())}
        return await self.client.request(method, path, json=content, headers=headers)

    async def register(self, url: str) -> dict[str, Any]:
        answer = await self.call("POST", "/v1/webhook-endpoints", {"url": url, "events": EVENTS})
        assert answer.status_code == 201, answer.text
        endpoint: dict[str, Any] = answer.json()
        return endpoint

    async def make_event(self) -> None:
        payment = (await self.call("POST", "/v1/payments", body())).json()
        assert (await self.call("POST", f"/v1/payments/{payment['id']}/cancellation")).status_code == 200

    async def log(self, query: str = "") -> list[dict[str, Any]]:
        answer = await self.call("GET", f"/v1/webhook-deliveries{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


@pytest.fixture
async def portal(client: Client, payment_database: Database, key: str, clock: Clock) -> AsyncIterator[Portal]:
    async with open_tools(settings_for(payment_database.url), clock) as tools, open_client() as http:
        yield Portal(client, key, lambda: deliver_webhooks(tools, http))


def is_signed(webhook: Any, secret: str, clock: Clock) -> bool:
    return is_genuine(webhook.headers["schalter-signature"], webhook.body, secret, clock().astimezone(UTC))


async def test_the_log_tells_what_was_sent_and_a_replay_sends_it_again(portal: Portal, receiver: Receiver) -> None:
    endpoint = await portal.register(f"{receiver.url}/hook")
    receiver.answers = [500]
    await portal.make_event()
    (waiting,) = await portal.log("?state=waiting")
    assert await portal.deliver() == 1
    (entry,) = await portal.log(f"?endpoint={endpoint['id']}")
    assert (entry["state"], entry["tries"], entry["last_outcome"]) == ("waiting", 1, "500")
    assert (entry["id"], entry["type"]) == (waiting["id"], "payment.cancelled")
    assert await portal.log("?state=delivered") == await portal.log(f"?endpoint={uuid4()}") == []
    assert (await portal.call("POST", f"/v1/webhook-deliveries/{entry['id']}/replay")).status_code == 202
    assert await portal.deliver() == 1
    (entry,) = await portal.log("?state=delivered")
    assert entry["delivered_at"] is not None
    assert [webhook.headers["schalter-delivery"] for webhook in receiver.received] == [entry["id"]] * 2


async def test_the_log_has_pages(portal: Portal, house: Pool) -> None:
    await portal.register("https://portal.example/hook")
    await portal.make_event()
    await house.execute(
        "INSERT INTO webhook_delivery (id, tenant, endpoint_id, event_id, payload, due_at, created_at)"
        " SELECT gen_random_uuid(), tenant, endpoint_id, gen_random_uuid(), payload, due_at, created_at"
        " FROM webhook_delivery, generate_series(1, 60)"
    )
    first = (await portal.call("GET", "/v1/webhook-deliveries")).json()
    rest = (await portal.call("GET", f"/v1/webhook-deliveries?cursor={first['next_cursor']}")).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (50, 11, None)
    assert len({item["id"] for item in first["items"] + rest["items"]}) == 61


async def test_during_a_rotation_both_secrets_sign(portal: Portal, receiver: Receiver, clock: Clock) -> None:
    old = await portal.register(f"{receiver.url}/hook")
    path = f"/v1/webhook-endpoints/{old['id']}/secret-rotation"
    new = (await portal.call("POST", path, {"overlap_h": 3})).json()
    await portal.make_event()
    await portal.deliver()
    clock.pass_by(hours=3)
    await portal.make_event()
    await portal.deliver()
    during, after = receiver.received
    assert is_signed(after, new["secret"], clock)
    assert not is_signed(after, old["secret"], clock)
    clock.now = datetime.fromtimestamp(int(during.headers["schalter-signature"][2:].split(",")[0]), UTC)
    assert is_signed(during, new["secret"], clock)
    assert is_signed(during, old["secret"], clock)
    assert not is_signed(during, "whsec_another", clock)
    clock.pass_by(minutes=6)
    assert not is_signed(during, new["secret"], clock)


async def test_a_disabled_endpoint_gets_nothing_more(portal: Portal, receiver: Receiver) -> None:
    endpoint = await portal.register(f"{receiver.url}/hook")
    await portal.make_event()
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    assert (await portal.call("DELETE", path)).status_code == 204
    await portal.make_event()
    assert await portal.deliver() == 0
    assert receiver.received == []
    (entry,) = await portal.log()
    assert (entry["state"], entry["last_outcome"]) == ("failed", "endpoint_disabled")
    assert (await portal.call("POST", f"/v1/webhook-deliveries/{entry['id']}/replay")).status_code == 404
    assert (await portal.call("POST", f"{path}/secret-rotation", {})).status_code == 404
    (shown,) = (await portal.call("GET", "/v1/webhook-endpoints")).json()["items"]
    assert (shown["id"], shown["events"], shown["disabled_at"] is not None) == (endpoint["id"], EVENTS, True)
    assert "secret" not in shown


async def test_a_tenant_has_so_many_endpoints(portal: Portal) -> None:
    for number in range(20):
        await portal.register(f"https://portal.example/{number}")
    wanted = {"url": "https://portal.example/x", "events": EVENTS}
    assert (await portal.call("POST", "/v1/webhook-endpoints", wanted)).status_code == 409


async def test_only_its_tenants_keys_with_the_scope(portal: Portal, house: Pool, clock: Clock) -> None:
    endpoint = await portal.register("https://portal.example/hook")
    await portal.make_event()
    (entry,) = await portal.log()
    own, delivery = f"/v1/webhook-endpoints/{endpoint['id']}", f"/v1/webhook-deliveries/{entry['id']}/replay"
    narrow = await key_for(house, clock, scopes=("payments:read",))
    stranger = await key_for(house, clock, "erkelenz")
    calls: list[tuple[str, str, Any, int]] = [
        ("GET", "/v1/webhook-endpoints", None, 200),
        ("GET", "/v1/webhook-deliveries", None, 200),
        ("DELETE", own, None, 404),
        ("POST", f"{own}/secret-rotation", {}, 404),
        ("POST", delivery, None, 404),
    ]
    for method, path, content, status in calls:
        assert (await portal.call(method, path, content, narrow)).status_code == 403
        answer = await portal.call(method, path, content, stranger)
        assert (answer.status_code, endpoint["id"] in answer.text and status == 200) == (status, False)
        assert (await portal.client.request(method, path, json=content)).status_code == 401

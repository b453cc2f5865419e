"""Webhooks to callers: signed, repeated until taken, never into our own network."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from tests.payment.support.house import TENANT, Clock, configure_tenants, once, start
from tests.payment.support.paying import paid
from tests.payment.support.provider import MemoryProvider
from tests.support.sandbox import Receiver

from contracts.payment import PaymentEvent
from kit.sql import Pool
from kit.trust import public_authorities
from kit.webhooks import PostFailed, post
from payment.domain.errors import InvalidRequest, KeyReused, PaymentMissing
from payment.usecases.add_webhook_endpoint import NewEndpoint, add_webhook_endpoint, replay_webhook_delivery
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.deliver_webhooks import deliver_webhooks
from payment.usecases.tools import Tools


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=public_authorities()) as client:
        yield client


async def register(tools: Tools, url: str, *events: Any) -> NewEndpoint:
    return await add_webhook_endpoint(tools, TENANT, f"{url}/hook?x=1", events or ("payment.paid",), once())


async def delivery(pool: Pool) -> Any:
    return await pool.fetchrow("SELECT id, state, tries, last_outcome FROM webhook_delivery")


async def test_it_is_signed_over_time_and_body(
    tools: Tools, provider: MemoryProvider, receiver: Receiver, http: httpx.AsyncClient
) -> None:
    endpoint = await register(tools, receiver.url)
    id_ = await paid(tools, provider)
    assert await deliver_webhooks(tools, http) == 1
    (webhook,) = receiver.received
    assert webhook.path == "/hook?x=1"
    timestamp, mac = (part.split("=")[1] for part in webhook.headers["schalter-signature"].split(","))
    signed = f"{timestamp}.".encode() + webhook.body
    assert mac == hmac.new(endpoint.secret.encode(), signed, hashlib.sha256).hexdigest()
    event = msgspec.json.decode(webhook.body, type=PaymentEvent)
    assert (event.type, event.payment_id, event.state) == ("payment.paid", id_, "paid")
    assert (await delivery(tools.pool))["state"] == "delivered"


async def test_only_what_was_asked_for_is_sent(tools: Tools, receiver: Receiver, http: httpx.AsyncClient) -> None:
    await register(tools, receiver.url, "payment.cancelled")
    await configure_tenants(tools.pool, "erkelenz")
    for tenant in (TENANT, "erkelenz"):
        payment = await start(tools, tenant)
        await cancel_payment(tools, tenant, payment.id, once(), "key:test")
    assert await deliver_webhooks(tools, http) == 1
    assert b"heinsberg" in receiver.received[0].body


async def test_it_is_repeated_with_growing_patience_then_given_up_and_replayed(
    tools: Tools, provider: MemoryProvider, receiver: Receiver, http: httpx.AsyncClient, clock: Clock
) -> None:
    await register(tools, receiver.url)
    receiver.answers = [500] * 6
    await paid(tools, provider)
    for pause in ({"minutes": 0}, {"minutes": 1}, {"minutes": 5}, {"hours": 1}, {"days": 1}, {"days": 2}):
        clock.pass_by(**pause)
        assert await deliver_webhooks(tools, http) == 1
        assert await deliver_webhooks(tools, http) == 0
    given_up = await delivery(tools.pool)
    assert (given_up["state"], given_up["tries"], given_up["last_outcome"]) == ("failed", 6, "500")
    await replay_webhook_delivery(tools, TENANT, given_up["id"], once())
    assert await deliver_webhooks(tools, http) == 1
    assert (await delivery(tools.pool))["state"] == "delivered"
    with pytest.raises(PaymentMissing):
        await replay_webhook_delivery(tools, "erkelenz", given_up["id"], once())


async def test_a_redirect_is_not_followed(
    tools: Tools, provider: MemoryProvider, receiver: Receiver, http: httpx.AsyncClient
) -> None:
    await register(tools, receiver.url)
    receiver.answers = [302]
    await paid(tools, provider)
    await deliver_webhooks(tools, http)
    assert (await delivery(tools.pool))["last_outcome"] == "302"
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:192.168.0.1]/",
        "https://0.0.0.0/",
        "https://2130706433/",
    ],
)
async def test_private_addresses_are_never_called(http: httpx.AsyncClient, url: str) -> None:
    with pytest.raises(PostFailed, match="private_address"):
        await post(http, url, b"{}", {}, allow_loopback=False)


@pytest.mark.parametrize("url", ["ftp://portal.example", "https://user@portal.example/", "http://portal.example/", "x"])
async def test_an_endpoint_is_https_and_names_nobody(tools: Tools, url: str) -> None:
    with pytest.raises(InvalidRequest):
        await add_webhook_endpoint(tools, TENANT, url, ["payment.paid"], once())


async def test_registering_again_gives_the_same_secret(tools: Tools) -> None:
    command = once(key="hook")
    first = await add_webhook_endpoint(tools, TENANT, "https://portal.example/hook", ["payment.paid"], command)
    assert await add_webhook_endpoint(tools, TENANT, "https://portal.example/hook", ["payment.paid"], command) == first
    with pytest.raises(KeyReused):
        await add_webhook_endpoint(
            tools, TENANT, "https://x.example", ["payment.paid"], once(key="hook", content=b"other")
        )
    assert first.secret not in str(await tools.pool.fetch("SELECT * FROM webhook_endpoint"))

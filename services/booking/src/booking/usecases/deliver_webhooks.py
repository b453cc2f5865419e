"""Sends what outgoing webhooks are due: no transaction is open meanwhile, a lease holds each."""

import asyncio
from datetime import timedelta

import httpx
import msgspec

from booking.store.webhooks import (
    DueDelivery,
    claim_due_deliveries,
    delete_old_deliveries,
    move_to_delivered,
    move_to_next_try,
)
from kit.clock import Clock
from kit.sql import Pool
from kit.webhooks import DELIVERY_HEADER, SIGNATURE_HEADER, PostFailed, next_try, post, secret_of, sign

BATCH = 20
LEASE = timedelta(minutes=1)
LOG_DAYS = 30
"""For which the log of deliveries is kept."""


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    http: httpx.AsyncClient
    key: str
    """From which the endpoints' secrets are derived."""
    allow_loopback: bool


async def deliver_webhooks(pool: Pool, sender: Sender, clock: Clock) -> int:
    """Side by side: a slow receiver delays nobody else's for long. Returns how many were due."""
    now = clock()
    async with pool.acquire() as connection:
        due = await claim_due_deliveries(connection, now, now + LEASE, BATCH)
    await asyncio.gather(*(_deliver(pool, sender, clock, delivery) for delivery in due))
    return len(due)


async def _deliver(pool: Pool, sender: Sender, clock: Clock, delivery: DueDelivery) -> None:
    try:
        outcome = await _post(sender, clock, delivery)
    except PostFailed as failure:
        due_at = next_try(delivery.tries + 1, clock())
        async with pool.acquire() as connection:
            await move_to_next_try(connection, delivery.id, str(failure), due_at)
    else:
        async with pool.acquire() as connection:
            await move_to_delivered(connection, delivery.id, outcome, clock())


async def _post(sender: Sender, clock: Clock, delivery: DueDelivery) -> str:
    body = msgspec.json.encode(delivery.payload)
    secret = secret_of(sender.key, delivery.endpoint_id)
    headers = {SIGNATURE_HEADER: sign(secret, body, clock()), DELIVERY_HEADER: str(delivery.id)}
    return await post(sender.http, delivery.url, body, headers, allow_loopback=sender.allow_loopback)


async def forget_old_deliveries(pool: Pool, clock: Clock) -> None:
    async with pool.acquire() as connection:
        await delete_old_deliveries(connection, clock() - timedelta(days=LOG_DAYS))

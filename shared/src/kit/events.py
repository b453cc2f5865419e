"""Hearing events: a durable pull consumer on JetStream, each event applied once in the consumer's own transaction."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from kit.sql import Connection, Pool

log = logging.getLogger(__name__)

Handler = Callable[[Connection, str, bytes], Awaitable[None]]
"""Applies one event (subject, payload) inside the transaction that also writes its inbox row."""

STREAM_RETENTION_S = 30 * 24 * 3600
DUPLICATE_WINDOW_S = 120
RETRY_DELAYS_S = (1, 5, 15, 60, 300)


@asynccontextmanager
async def open_nats(url: str, name: str) -> AsyncIterator[Client]:
    """Connects, and connects again for ever: a server that is away delays events and loses none."""

    async def log_error(error: Exception) -> None:
        log.warning("nats", extra={"cause": repr(error)})

    client = await nats.connect(
        url,
        name=name,
        allow_reconnect=True,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.5,
        connect_timeout=2,
        error_cb=log_error,
        pending_size=0,
    )
    try:
        yield client
    finally:
        await client.close()


async def ensure_stream(stream: JetStreamContext, name: str, subjects: list[str]) -> None:
    """Create the stream that this service owns, or bring it up to this configuration.

    How many replicas it has is the operator's: one at first, and as many as were set from then on.
    """
    config = StreamConfig(
        name=name,
        subjects=subjects,
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=STREAM_RETENTION_S,
        duplicate_window=DUPLICATE_WINDOW_S,
    )
    try:
        found = await stream.stream_info(name)
    except NotFoundError:
        await stream.add_stream(config)
    else:
        config.num_replicas = found.config.num_replicas
        await stream.update_stream(config)


async def consume(pool: Pool, client: Client, stream_name: str, durable: str, handle: Handler) -> None:
    """Apply events until cancelled. Raises when the stream or the server is away; the worker starts it again."""
    context = client.jetstream()
    config = ConsumerConfig(ack_wait=30, max_deliver=-1, max_ack_pending=500)
    subscription = await context.pull_subscribe("", durable=durable, stream=stream_name, config=config)
    while True:
        try:
            messages = await subscription.fetch(50, timeout=5)
        except (TimeoutError, NatsTimeout):
            continue
        await asyncio.gather(*(_apply(pool, message, handle) for message in messages))


async def _apply(pool: Pool, message: Msg, handle: Handler) -> None:
    event_id = UUID((message.headers or {})["Nats-Msg-Id"])
    try:
        async with pool.acquire() as connection, connection.transaction():
            is_new = await connection.fetchval(
                "INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true", event_id
            )
            if is_new:
                await handle(connection, message.subject, message.data)
    except Exception:
        tries = message.metadata.num_delivered or 1
        delay_s = RETRY_DELAYS_S[min(tries, len(RETRY_DELAYS_S)) - 1]
        log.exception(
            "event not applied", extra={"event_id": str(event_id), "subject": message.subject, "retry_s": delay_s}
        )
        await message.nak(delay=delay_s)
        return
    await message.ack()

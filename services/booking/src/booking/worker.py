"""Booking's worker process: what must happen without a request. Nothing that a citizen waits for depends on it."""

from booking.settings import Settings
from contracts import booking as messages
from kit.events import ensure_stream, open_nats
from kit.outbox import delete_old, publish_batch
from kit.sql import open_pool
from kit.worker import Loop, run_loops


async def work(settings: Settings) -> None:
    async with open_pool(settings.database_url) as pool, open_nats(settings.nats_url, "booking") as client:
        stream = client.jetstream()
        await ensure_stream(stream, messages.STREAM, [messages.SUBJECT_PREFIX + ">"])
        await run_loops(
            [
                Loop("relay", lambda: publish_batch(pool, stream), idle_s=0.1),
                Loop("prune", lambda: delete_old(pool), idle_s=3600),
            ]
        )

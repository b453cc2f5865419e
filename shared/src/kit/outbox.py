"""Events: written to the outbox in the transaction that makes them true, published by the relay, at least once.

Nothing here waits for NATS in a transaction of the service. A relay that dies between publishing and marking publishes
again: JetStream drops the repetition by `Nats-Msg-Id` within its window, the consumer's inbox drops it for good.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

import msgspec
from nats.js import JetStreamContext

from kit.sql import Connection, Pool, execute

log = logging.getLogger(__name__)

BATCH = 200
RETENTION_DAYS = 7
"""Published events, heard events and idempotent answers older than this are deleted."""

INSERT: LiteralString = "INSERT INTO outbox (event_id, subject, payload) VALUES ($1, $2, $3)"


async def add_event(connection: Connection, event_id: UUID, subject: str, event: msgspec.Struct) -> None:
    """Call it inside the transaction that changes the state which the event tells."""
    await connection.execute(INSERT, event_id, subject, event)


async def add_events(connection: Connection, events: Sequence[tuple[UUID, str, msgspec.Struct]]) -> None:
    """Several, in one way there and back. In their order, inside the transaction."""
    await connection.executemany(INSERT, events)


async def publish_batch(pool: Pool, stream: JetStreamContext) -> int:
    """Publish the oldest unpublished events and mark them; return how many there were."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT event_id, subject, payload FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT $1", BATCH
        )
    if not rows:
        return 0
    outcomes = await asyncio.gather(
        *(_publish(stream, row["event_id"], row["subject"], row["payload"]) for row in rows)
    )
    published = [event_id for event_id in outcomes if event_id is not None]
    async with pool.acquire() as connection:
        await execute(connection, "UPDATE outbox SET published_at = now() WHERE event_id = ANY($1)", published)
    if len(published) < len(rows):
        raise ConnectionError(f"{len(rows) - len(published)} of {len(rows)} events could not be published; they wait.")
    return len(rows)


async def _publish(stream: JetStreamContext, event_id: UUID, subject: str, payload: object) -> UUID | None:
    try:
        await stream.publish(subject, msgspec.json.encode(payload), headers={"Nats-Msg-Id": str(event_id)}, timeout=5)
    except Exception as error:  # noqa: BLE001 - whatever it was, the row stays and is published later
        log.warning("event not published", extra={"event_id": str(event_id), "cause": repr(error)})
        return None
    return event_id


async def delete_old(pool: Pool) -> None:
    """Named retention of the plumbing's tables."""
    async with pool.acquire() as connection:
        await execute(
            connection, "DELETE FROM outbox WHERE published_at < now() - make_interval(days => $1)", RETENTION_DAYS
        )
        await execute(
            connection, "DELETE FROM inbox WHERE received_at < now() - make_interval(days => $1)", RETENTION_DAYS * 5
        )
        await execute(
            connection,
            "DELETE FROM idempotent_answer WHERE created_at < now() - make_interval(days => $1)",
            RETENTION_DAYS,
        )

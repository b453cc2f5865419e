from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payment import PaymentEvent
from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_all, fetch_optional
from payment.store.due import Due


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    url: str
    events: tuple[str, ...]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    endpoint_id: UUID
    url: str
    payload: PaymentEvent
    state: str
    tries: int


async def insert_provider_event(
    connection: Connection, *, tenant: str, provider: str, event_id: str, type_: str, object_id: str, now: datetime
) -> bool:
    """False when it came before."""
    return (
        await execute(
            connection,
            "INSERT INTO provider_event (provider, event_id, tenant, type, object_id, received_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            provider,
            event_id,
            tenant,
            type_,
            object_id,
            now,
        )
        == 1
    )


async def insert_endpoint(connection: Connection, endpoint: Endpoint, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO webhook_endpoint (id, tenant, url, events, created_at) VALUES ($1, $2, $3, $4, $5)",
        endpoint.id,
        endpoint.tenant,
        endpoint.url,
        list(endpoint.events),
        now,
    )


async def insert_deliveries(connection: Connection, event: PaymentEvent, now: datetime) -> None:
    """One for each endpoint of the tenant that wants this type."""
    endpoints = await connection.fetch(
        "SELECT id FROM webhook_endpoint WHERE tenant = $1 AND $2 = ANY(events) AND disabled_at IS NULL",
        event.tenant,
        event.type,
    )
    if endpoints:
        payload = msgspec.to_builtins(event)
        await connection.executemany(
            "INSERT INTO webhook_delivery (id, tenant, endpoint_id, event_id, payload, due_at, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $6)",
            [(uuid7(), event.tenant, row["id"], event.id, payload, now) for row in endpoints],
        )


async def claim_due_deliveries(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Due]:
    return await fetch_all(
        connection,
        Due,
        "UPDATE webhook_delivery SET due_at = $2 WHERE id IN (SELECT id FROM webhook_delivery WHERE due_at <= $1"
        " ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING tenant, id",
        now,
        until,
        limit,
    )


async def find_delivery(connection: Connection, id_: UUID) -> Delivery | None:
    return await fetch_optional(
        connection,
        Delivery,
        "SELECT d.id, d.tenant, d.endpoint_id, e.url, d.payload, d.state, d.tries"
        " FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id WHERE d.id = $1",
        id_,
    )


async def record_delivery(
    connection: Connection, id_: UUID, *, state: str, outcome: str, due_at: datetime | None, now: datetime
) -> None:
    await connection.execute(
        "UPDATE webhook_delivery SET state = $2, last_outcome = $3, due_at = $4, tries = tries + 1,"
        " delivered_at = CASE WHEN $2 = 'delivered' THEN $5 ELSE delivered_at END WHERE id = $1 AND state = 'waiting'",
        id_,
        state,
        outcome,
        due_at,
        now,
    )


async def replay_delivery(connection: Connection, tenant: str, id_: UUID, now: datetime) -> bool:
    return (
        await execute(
            connection,
            "UPDATE webhook_delivery SET state = 'waiting', tries = 0, due_at = $3 WHERE tenant = $1 AND id = $2",
            tenant,
            id_,
            now,
        )
        == 1
    )

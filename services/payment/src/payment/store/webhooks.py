from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from contracts.payment import PaymentEvent, PaymentEventType
from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_all, fetch_optional
from payment.store.due import Due

DeliveryState = Literal["waiting", "delivered", "failed"]


class ProviderEvent(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    type: str
    object_id: str


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    url: str
    events: tuple[str, ...]


class EndpointEntry(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    url: str
    events: tuple[PaymentEventType, ...]
    created_at: datetime
    disabled_at: datetime | None
    older_secret_until: datetime | None
    """So long the secret before the last rotation signs, too."""


class LoggedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the log."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    type: PaymentEventType
    payment_id: UUID
    state: DeliveryState
    tries: int
    last_outcome: str | None
    """A status code, or the name of the fault."""
    due_at: datetime | None
    created_at: datetime
    delivered_at: datetime | None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    endpoint_id: UUID
    url: str
    payload: PaymentEvent
    state: DeliveryState
    tries: int
    secret_version: int
    older_secret_until: datetime | None


async def insert_provider_events(
    connection: Connection, tenant: str, provider: str, events: Sequence[ProviderEvent], now: datetime
) -> set[str]:
    """The ids of those that are new. Two of the same at once: the second waits, and is not."""
    rows = await connection.fetch(
        "INSERT INTO provider_event (tenant, provider, event_id, type, object_id, received_at)"
        " SELECT $1, $2, event_id, type, object_id, $3"
        " FROM unnest($4::text[], $5::text[], $6::text[]) AS e (event_id, type, object_id)"
        " ORDER BY event_id ON CONFLICT DO NOTHING RETURNING event_id",
        tenant,
        provider,
        now,
        [event.id for event in events],
        [event.type for event in events],
        [event.object_id for event in events],
    )
    return {row["event_id"] for row in rows}


async def insert_endpoint(connection: Connection, endpoint: Endpoint, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO webhook_endpoint (id, tenant, url, events, created_at) VALUES ($1, $2, $3, $4, $5)",
        endpoint.id,
        endpoint.tenant,
        endpoint.url,
        list(endpoint.events),
        now,
    )


async def list_endpoints(connection: Connection, tenant: str) -> list[EndpointEntry]:
    """The disabled ones, too: the log names them."""
    return await fetch_all(
        connection,
        EndpointEntry,
        "SELECT id, url, events, created_at, disabled_at, older_secret_until FROM webhook_endpoint"
        " WHERE tenant = $1 ORDER BY created_at, id",
        tenant,
    )


async def count_endpoints(connection: Connection, tenant: str) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM webhook_endpoint WHERE tenant = $1 AND disabled_at IS NULL", tenant
    )
    return count


async def disable_endpoint(connection: Connection, tenant: str, id_: UUID, now: datetime) -> bool:
    """What still waits for it is given up. False: there is none."""
    touched = await execute(
        connection,
        "UPDATE webhook_endpoint SET disabled_at = coalesce(disabled_at, $3) WHERE tenant = $1 AND id = $2",
        tenant,
        id_,
        now,
    )
    await execute(
        connection,
        "UPDATE webhook_delivery SET state = 'failed', due_at = NULL, last_outcome = 'endpoint_disabled'"
        " WHERE tenant = $1 AND endpoint_id = $2 AND state = 'waiting'",
        tenant,
        id_,
    )
    return touched == 1


async def rotate_secret(connection: Connection, tenant: str, id_: UUID, older_until: datetime) -> int | None:
    """The new version; None: there is no such endpoint, or it is disabled."""
    version: int | None = await connection.fetchval(
        "UPDATE webhook_endpoint SET secret_version = secret_version + 1, older_secret_until = $3"
        " WHERE tenant = $1 AND id = $2 AND disabled_at IS NULL RETURNING secret_version",
        tenant,
        id_,
        older_until,
    )
    return version


async def find_secret_version(connection: Connection, tenant: str, id_: UUID) -> int | None:
    version: int | None = await connection.fetchval(
        "SELECT secret_version FROM webhook_endpoint WHERE tenant = $1 AND id = $2", tenant, id_
    )
    return version


async def list_deliveries(
    connection: Connection,
    tenant: str,
    *,
    endpoint_id: UUID | None,
    state: DeliveryState | None,
    before: UUID | None,
    limit: int,
) -> list[LoggedDelivery]:
    """Newest first."""
    return await fetch_all(
        connection,
        LoggedDelivery,
        "SELECT id, endpoint_id, event_id, payload ->> 'type' AS type, (payload ->> 'payment_id')::uuid AS payment_id,"
        " state, tries, last_outcome, due_at, created_at, delivered_at FROM webhook_delivery"
        " WHERE tenant = $1 AND ($2::uuid IS NULL OR endpoint_id = $2) AND ($3::text IS NULL OR state = $3)"
        " AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        tenant,
        endpoint_id,
        state,
        before,
        limit,
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
        "SELECT d.id, d.tenant, d.endpoint_id, e.url, d.payload, d.state, d.tries, e.secret_version,"
        " e.older_secret_until"
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
            "UPDATE webhook_delivery d SET state = 'waiting', tries = 0, due_at = $3 FROM webhook_endpoint e"
            " WHERE d.tenant = $1 AND d.id = $2 AND e.id = d.endpoint_id AND e.disabled_at IS NULL",
            tenant,
            id_,
            now,
        )
        == 1
    )

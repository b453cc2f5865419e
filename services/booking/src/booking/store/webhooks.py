"""Endpoints of a tenant's other systems, and the log of what was sent to them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from contracts.booking import AppointmentWebhook, WebhookType
from kit.sql import Connection, execute, fetch_all, fetch_optional


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    url: str
    events: tuple[WebhookType, ...]
    created_by: str
    created_at: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the log."""

    id: UUID
    position: int
    endpoint_id: UUID
    event_id: UUID
    type: WebhookType
    appointment_id: UUID
    state: Literal["waiting", "delivered", "failed"]
    tries: int
    last_outcome: str | None
    due_at: datetime | None
    created_at: datetime
    delivered_at: datetime | None


class DueDelivery(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    endpoint_id: UUID
    url: str
    payload: AppointmentWebhook
    tries: int


async def insert_endpoint(connection: Connection, tenant: str, endpoint: Endpoint) -> None:
    await execute(
        connection,
        "INSERT INTO webhook_endpoint (id, tenant, url, events, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        endpoint.id,
        tenant,
        endpoint.url,
        endpoint.events,
        endpoint.created_by,
        endpoint.created_at,
    )


async def find_endpoint(connection: Connection, tenant: str, endpoint_id: UUID) -> Endpoint | None:
    return await fetch_optional(
        connection,
        Endpoint,
        "SELECT id, url, events, created_by, created_at FROM webhook_endpoint"
        " WHERE tenant = $1 AND id = $2 AND removed_at IS NULL",
        tenant,
        endpoint_id,
    )


async def list_endpoints(connection: Connection, tenant: str) -> list[Endpoint]:
    return await fetch_all(
        connection,
        Endpoint,
        "SELECT id, url, events, created_by, created_at FROM webhook_endpoint"
        " WHERE tenant = $1 AND removed_at IS NULL ORDER BY created_at, id",
        tenant,
    )


async def move_endpoint_to_removed(connection: Connection, tenant: str, endpoint_id: UUID, now: datetime) -> bool:
    """What still waits for it is given up. False: there is none."""
    touched = await execute(
        connection,
        "UPDATE webhook_endpoint SET removed_at = $3 WHERE tenant = $1 AND id = $2 AND removed_at IS NULL",
        tenant,
        endpoint_id,
        now,
    )
    await execute(
        connection,
        "UPDATE webhook_delivery SET state = 'failed', due_at = NULL, last_outcome = 'endpoint_removed'"
        " WHERE tenant = $1 AND endpoint_id = $2 AND state = 'waiting'",
        tenant,
        endpoint_id,
    )
    return touched == 1


async def insert_deliveries(connection: Connection, webhook: AppointmentWebhook) -> None:
    """One for each endpoint of the tenant that wants this type."""
    await execute(
        connection,
        "INSERT INTO webhook_delivery (id, tenant, endpoint_id, event_id, payload, due_at, created_at)"
        " SELECT gen_random_uuid(), tenant, id, $3, $4, $5, $5 FROM webhook_endpoint"
        " WHERE tenant = $1 AND $2 = ANY(events) AND removed_at IS NULL",
        webhook.tenant,
        webhook.type,
        webhook.id,
        webhook,
        webhook.occurred_at,
    )


async def claim_due_deliveries(
    connection: Connection, now: datetime, lease_until: datetime, limit: int
) -> list[DueDelivery]:
    """Each is ours until `lease_until`; should we die, it is due again then."""
    return await fetch_all(
        connection,
        DueDelivery,
        "UPDATE webhook_delivery d SET due_at = $2 FROM webhook_endpoint e"
        " WHERE e.id = d.endpoint_id AND d.id IN (SELECT id FROM webhook_delivery WHERE due_at <= $1"
        " ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)"
        " RETURNING d.id, d.endpoint_id, e.url, d.payload, d.tries",
        now,
        lease_until,
        limit,
    )


async def move_to_delivered(connection: Connection, delivery_id: UUID, outcome: str, now: datetime) -> None:
    await execute(
        connection,
        "UPDATE webhook_delivery SET state = 'delivered', tries = tries + 1, last_outcome = $2, due_at = NULL,"
        " delivered_at = $3 WHERE id = $1 AND state = 'waiting'",
        delivery_id,
        outcome,
        now,
    )


async def move_to_next_try(connection: Connection, delivery_id: UUID, outcome: str, due_at: datetime | None) -> None:
    """`due_at` null: given up."""
    await execute(
        connection,
        "UPDATE webhook_delivery SET state = CASE WHEN $3::timestamptz IS NULL THEN 'failed' ELSE 'waiting' END,"
        " tries = tries + 1, last_outcome = $2, due_at = $3 WHERE id = $1 AND state = 'waiting'",
        delivery_id,
        outcome,
        due_at,
    )


async def move_to_replayed(connection: Connection, tenant: str, delivery_id: UUID, now: datetime) -> bool:
    """Due at once, with all its tries. False: there is none, or its endpoint was removed."""
    touched = await execute(
        connection,
        "UPDATE webhook_delivery d SET state = 'waiting', tries = 0, due_at = $3 FROM webhook_endpoint e"
        " WHERE d.tenant = $1 AND d.id = $2 AND e.id = d.endpoint_id AND e.removed_at IS NULL",
        tenant,
        delivery_id,
        now,
    )
    return touched == 1


async def list_deliveries(
    connection: Connection, tenant: str, endpoint_id: UUID | None, before: int, limit: int
) -> list[Delivery]:
    """Newest first."""
    return await fetch_all(
        connection,
        Delivery,
        "SELECT id, position, endpoint_id, event_id, payload ->> 'type' AS type,"
        " (payload ->> 'appointment_id')::uuid AS appointment_id, state, tries, last_outcome, due_at, created_at,"
        " delivered_at FROM webhook_delivery"
        " WHERE tenant = $1 AND ($2::uuid IS NULL OR endpoint_id = $2) AND position < $3"
        " ORDER BY position DESC LIMIT $4",
        tenant,
        endpoint_id,
        before,
        limit,
    )


async def delete_old_deliveries(connection: Connection, before: datetime) -> int:
    return await execute(connection, "DELETE FROM webhook_delivery WHERE created_at < $1 AND due_at IS NULL", before)

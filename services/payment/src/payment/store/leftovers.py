"""Deleting what is over, a batch at a time: it is said how many went. Rows that somebody works on are left."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from kit.sql import Connection, execute, fetch_all
from payment.domain.retention import Leftover, Retention

DELETIONS: Final[Mapping[Leftover, str]] = {
    # The plumbing's table knows no tenant; the scope begins with it.
    "answers": (
        "DELETE FROM idempotent_answer WHERE (scope, key) IN (SELECT scope, key FROM idempotent_answer"
        " WHERE starts_with(scope, $1 || ':') AND created_at < $2 ORDER BY created_at LIMIT $3"
        " FOR UPDATE SKIP LOCKED)"
    ),
    "outgoing_webhooks": (
        "DELETE FROM webhook_delivery WHERE tenant = $1 AND id IN (SELECT id FROM webhook_delivery"
        " WHERE tenant = $1 AND state <> 'waiting' AND created_at < $2 ORDER BY created_at LIMIT $3"
        " FOR UPDATE SKIP LOCKED)"
    ),
    "incoming_webhooks": (
        "DELETE FROM provider_event WHERE tenant = $1 AND (provider, event_id) IN (SELECT provider, event_id"
        " FROM provider_event WHERE tenant = $1 AND received_at < $2 ORDER BY received_at LIMIT $3)"
    ),
    # Of payments that are over: the link back leads to the portal's front page then.
    "return_urls": (
        "UPDATE payment SET return_url = origin_of(return_url), is_return_url_cut = true"
        " WHERE tenant = $1 AND id IN (SELECT id FROM payment WHERE tenant = $1 AND NOT is_return_url_cut"
        " AND updated_at < $2 AND state IN ('paid', 'cancelled', 'expired', 'capture_failed')"
        " ORDER BY updated_at LIMIT $3 FOR UPDATE SKIP LOCKED)"
    ),
    # Also of attempts that a person decided about, or that lapse by themselves, once their payment is over.
    "hosted_pages": (
        "UPDATE attempt SET redirect_url = NULL WHERE tenant = $1 AND id IN (SELECT id FROM attempt"
        " WHERE tenant = $1 AND redirect_url IS NOT NULL AND updated_at < $2"
        " AND (state IN ('paid', 'closed', 'failed', 'voided') OR EXISTS (SELECT FROM payment"
        "   WHERE payment.id = payment_id AND payment.state IN ('paid', 'cancelled', 'expired', 'capture_failed')))"
        " ORDER BY updated_at LIMIT $3 FOR UPDATE SKIP LOCKED)"
    ),
    "request_urls": (
        "UPDATE xbezahldienste_transaction SET is_redirect_url_cut = true,"
        " request = jsonb_set(request, '{redirectUrl}', to_jsonb(origin_of(request ->> 'redirectUrl')))"
        " WHERE tenant = $1 AND payment_id IN (SELECT payment_id FROM xbezahldienste_transaction"
        " WHERE tenant = $1 AND NOT is_redirect_url_cut AND created_at < $2 ORDER BY created_at LIMIT $3"
        " FOR UPDATE SKIP LOCKED)"
    ),
    "cards": (
        "UPDATE attempt SET card = NULL WHERE tenant = $1 AND id IN (SELECT id FROM attempt"
        " WHERE tenant = $1 AND card IS NOT NULL AND updated_at < $2"
        " AND (state IN ('paid', 'closed', 'failed', 'voided') OR EXISTS (SELECT FROM payment"
        "   WHERE payment.id = payment_id AND payment.state IN ('paid', 'cancelled', 'expired', 'capture_failed')))"
        " ORDER BY updated_at LIMIT $3 FOR UPDATE SKIP LOCKED)"
    ),
}


class TenantRetention(msgspec.Struct, frozen=True):
    slug: str
    retention: Retention


class RetentionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the log: how many went, and nothing of what."""

    id: int
    leftover: Leftover
    before: datetime
    count: int
    at: datetime


async def list_retentions(connection: Connection) -> list[TenantRetention]:
    return await fetch_all(connection, TenantRetention, "SELECT slug, retention FROM tenant ORDER BY slug")


async def insert_retention_entry(
    connection: Connection, tenant: str, leftover: Leftover, before: datetime, count: int, now: datetime
) -> None:
    await connection.execute(
        "INSERT INTO retention_log (tenant, leftover, before, count, at) VALUES ($1, $2, $3, $4, $5)",
        tenant,
        leftover,
        before,
        count,
        now,
    )


async def list_retention_entries(
    connection: Connection, tenant: str, before: int | None, limit: int
) -> list[RetentionEntry]:
    """Newest first."""
    return await fetch_all(
        connection,
        RetentionEntry,
        "SELECT id, leftover, before, count, at FROM retention_log"
        " WHERE tenant = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        tenant,
        before,
        limit,
    )


async def delete_leftovers(
    connection: Connection, leftover: Leftover, tenant: str, before: datetime, limit: int
) -> int:
    """What of one kind is older than `before`, the oldest first; how many it was."""
    if leftover == "order_texts":  # by the owner's function: the service itself can change no item
        count: int = await connection.fetchval("SELECT forget_order_texts($1, $2, $3)", tenant, before, limit)
        return count
    return await execute(connection, DELETIONS[leftover], tenant, before, limit)

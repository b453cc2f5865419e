"""What operators look at: what waits, what waits too long, what ended badly. `tenant` None: of all."""

from datetime import datetime

import msgspec

from kit.sql import Connection, fetch_all
from notify.store.delivery_lists import DeliveryView

ROWS_MAX = 100


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    state: str
    """Of mails; or `notice`: an event of which no mail is made yet."""
    count: int
    oldest_at: datetime


class OperatedDelivery(DeliveryView, frozen=True, kw_only=True):
    tenant: str
    expires_at: datetime | None
    """From then on it is not worth sending, and cannot be resent; null: it always is."""


async def list_queues(connection: Connection, tenant: str | None) -> list[Queue]:
    return await fetch_all(
        connection,
        Queue,
        "SELECT tenant, state, count(*) AS count, min(created_at) AS oldest_at FROM delivery"
        " WHERE state IN ('queued', 'claimed', 'retry_wait', 'unknown') AND ($1::text IS NULL OR tenant = $1)"
        " GROUP BY tenant, state"
        " UNION ALL SELECT tenant, 'notice', count(*), min(created_at) FROM notice"
        " WHERE state IN ('waiting', 'claimed') AND ($1::text IS NULL OR tenant = $1) GROUP BY tenant"
        " ORDER BY tenant, state",
        tenant,
    )


async def list_slow(connection: Connection, tenant: str | None, created_before: datetime) -> list[OperatedDelivery]:
    """Oldest first; not those that are held for the night, until they wait as long after it."""
    return await fetch_all(
        connection,
        OperatedDelivery,
        "SELECT id, tenant, appointment_id, invitation_id, audience, kind, state, cause, recipient_shown AS recipient,"
        " tries, resend_number, CASE WHEN state <> 'claimed' THEN due_at END AS next_try_at, created_at, settled_at,"
        " expires_at"
        " FROM delivery WHERE state IN ('queued', 'claimed', 'retry_wait', 'unknown') AND created_at < $2"
        " AND (cause IS DISTINCT FROM 'quiet_hours' OR due_at < $2) AND ($1::text IS NULL OR tenant = $1)"
        " ORDER BY created_at, position LIMIT $3",
        tenant,
        created_before,
        ROWS_MAX,
    )


async def list_ended_badly(
    connection: Connection, tenant: str | None, settled_after: datetime
) -> list[OperatedDelivery]:
    """Newest first."""
    return await fetch_all(
        connection,
        OperatedDelivery,
        "SELECT id, tenant, appointment_id, invitation_id, audience, kind, state, cause, recipient_shown AS recipient,"
        " tries, resend_number, NULL::timestamptz AS next_try_at, created_at, settled_at, expires_at"
        " FROM delivery WHERE state IN ('failed', 'bounced', 'expired') AND settled_at > $2"
        " AND ($1::text IS NULL OR tenant = $1) ORDER BY settled_at DESC, position DESC LIMIT $3",
        tenant,
        settled_after,
        ROWS_MAX,
    )

"""What time alone brings about, in sets of rows."""

from datetime import datetime

from kit.sql import Connection, execute


async def release_leases(connection: Connection, now: datetime) -> int:
    """A sender died. If DATA ever began the mail may have arrived: its outcome is unknown."""
    return await execute(
        connection,
        "UPDATE delivery SET state = CASE WHEN data_started_at IS NULL THEN 'retry_wait' ELSE 'unknown' END,"
        " claim = NULL, lease_until = NULL, due_at = $1, cause = 'sender_died'"
        " WHERE state = 'claimed' AND lease_until < $1",
        now,
    )


async def assume_delivered(connection: Connection, accepted_before: datetime) -> int:
    return await execute(
        connection,
        "UPDATE delivery SET state = 'assumed_delivered' WHERE state = 'accepted' AND settled_at < $1",
        accepted_before,
    )


async def erase_persons(connection: Connection, now: datetime) -> int:
    """Addresses and texts go at the tenant's retention, counted from the settling; states stay for the statistics."""
    return await execute(
        connection,
        "UPDATE delivery SET recipient = NULL, recipient_shown = NULL, message = NULL FROM tenant"
        " WHERE tenant.slug = delivery.tenant AND delivery.settled_at IS NOT NULL"
        " AND (delivery.message IS NOT NULL OR delivery.recipient IS NOT NULL OR delivery.recipient_shown IS NOT NULL)"
        " AND delivery.settled_at < $1::timestamptz - make_interval(days => (tenant.profile->>'retention_days')::int)",
        now,
    )


async def delete_notices(connection: Connection, created_before: datetime) -> int:
    return await execute(
        connection, "DELETE FROM notice WHERE state IN ('prepared', 'failed') AND created_at < $1", created_before
    )


async def delete_suppressions(connection: Connection, created_before: datetime) -> int:
    return await execute(connection, "DELETE FROM suppression WHERE created_at < $1", created_before)


async def delete_deliveries(connection: Connection, settled_before: datetime) -> int:
    return await execute(connection, "DELETE FROM delivery WHERE settled_at < $1", settled_before)


async def delete_appointments(connection: Connection, updated_before: datetime) -> int:
    """Of which nothing was written or is to be written any more."""
    return await execute(
        connection,
        "DELETE FROM appointment WHERE updated_at < $1"
        " AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.appointment_id = appointment.id)"
        " AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.appointment_id = appointment.id)",
        updated_before,
    )

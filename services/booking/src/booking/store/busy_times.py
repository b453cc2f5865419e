"""Clerks' own calendars: where they are read, how that went, and when the clerks are busy."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from booking.domain.busy import Busy
from kit.sql import Connection, execute, fetch_all, fetch_optional


class BusySource(msgspec.Struct, frozen=True, kw_only=True):
    clerk_id: UUID
    tenant: str
    address: bytes
    """Encrypted."""
    login: bytes | None
    """Encrypted, for a CalDAV collection; None: the address is a published calendar."""
    etag: str | None
    """Of the calendar, or the tag of the collection."""
    last_modified: str | None
    read_until: datetime | None
    """As far as booking reached when it was last read."""


class BusyStatus(msgspec.Struct, frozen=True, kw_only=True):
    clerk_id: UUID
    subject: str | None
    is_connected: bool
    has_login: bool
    read_at: datetime | None
    """The busy times are as of then."""
    failing_since: datetime | None
    cause: str | None
    busy_count: int


async def find_status(connection: Connection, tenant: str, clerk_id: UUID) -> BusyStatus | None:
    """None: there is no such clerk."""
    return await fetch_optional(
        connection,
        BusyStatus,
        "SELECT c.id AS clerk_id, c.subject, s.clerk_id IS NOT NULL AS is_connected, s.login IS NOT NULL AS has_login,"
        " s.read_at, s.failing_since, s.cause, (SELECT count(*) FROM busy_time b WHERE b.clerk_id = c.id) AS busy_count"
        " FROM clerk c LEFT JOIN busy_source s ON s.clerk_id = c.id"
        " WHERE c.tenant = $1 AND c.id = $2 AND c.retired_at IS NULL",
        tenant,
        clerk_id,
    )


async def save_source(
    connection: Connection, tenant: str, clerk_id: UUID, address: bytes, login: bytes | None, by: str, now: datetime
) -> None:
    """Known times stay until the new address was read."""
    await execute(
        connection,
        "INSERT INTO busy_source (clerk_id, tenant, address, login, due_at, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $6, $5, $6) ON CONFLICT (clerk_id) DO UPDATE SET address = $3, login = $4,"
        " due_at = $6, created_by = $5, created_at = $6, etag = NULL, last_modified = NULL,"
        " failing_since = NULL, cause = NULL",
        clerk_id,
        tenant,
        address,
        login,
        by,
        now,
    )


async def delete_source(connection: Connection, tenant: str, clerk_id: UUID) -> None:
    """Its times go with it."""
    await execute(connection, "DELETE FROM busy_source WHERE tenant = $1 AND clerk_id = $2", tenant, clerk_id)


async def delete_sources_of(connection: Connection, tenant: str, clerk_ids: Collection[UUID]) -> None:
    """Of clerks who leave, with their times. The caller makes the masks anew."""
    await execute(
        connection, "DELETE FROM busy_source WHERE tenant = $1 AND clerk_id = ANY($2)", tenant, list(clerk_ids)
    )


async def claim_source(connection: Connection, now: datetime, again_at: datetime) -> BusySource | None:
    """The next one due; nobody else takes it before `again_at`."""
    return await fetch_optional(
        connection,
        BusySource,
        "UPDATE busy_source SET due_at = $2 WHERE clerk_id = (SELECT clerk_id FROM busy_source"
        "   WHERE due_at <= $1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING clerk_id, tenant, address, login, etag, last_modified, read_until",
        now,
        again_at,
    )


async def list_with_login(connection: Connection, tenant: str) -> list[BusySource]:
    """By clerk: whoever changes several keeps to that order."""
    return await fetch_all(
        connection,
        BusySource,
        "SELECT clerk_id, tenant, address, login, etag, last_modified, read_until FROM busy_source"
        " WHERE tenant = $1 AND login IS NOT NULL ORDER BY clerk_id",
        tenant,
    )


async def lock_source(connection: Connection, source: BusySource) -> bool:
    """False if the address was changed or taken away meanwhile."""
    found: bool | None = await connection.fetchval(
        "SELECT true FROM busy_source WHERE clerk_id = $1 AND address = $2 FOR UPDATE", source.clerk_id, source.address
    )
    return bool(found)


async def mark_read(
    connection: Connection,
    clerk_id: UUID,
    etag: str | None,
    last_modified: str | None,
    read_until: datetime | None,
    now: datetime,
) -> None:
    await execute(
        connection,
        "UPDATE busy_source SET etag = $2, last_modified = $3, read_until = $4, read_at = $5, failing_since = NULL,"
        " cause = NULL WHERE clerk_id = $1",
        clerk_id,
        etag,
        last_modified,
        read_until,
        now,
    )


async def mark_failing(
    connection: Connection, source: BusySource, cause: str, now: datetime, not_before: datetime
) -> None:
    await execute(
        connection,
        "UPDATE busy_source SET failing_since = coalesce(failing_since, $3), cause = $4,"
        " due_at = greatest(due_at, $5)"
        " WHERE clerk_id = $1 AND address = $2",
        source.clerk_id,
        source.address,
        now,
        cause,
        not_before,
    )


async def list_busy_times(connection: Connection, clerk_id: UUID) -> list[Busy]:
    return await fetch_all(
        connection,
        Busy,
        "SELECT starts_at, ends_at FROM busy_time WHERE clerk_id = $1 ORDER BY starts_at",
        clerk_id,
    )


async def replace_busy_times(connection: Connection, tenant: str, clerk_id: UUID, busy: Collection[Busy]) -> None:
    await execute(connection, "DELETE FROM busy_time WHERE clerk_id = $1", clerk_id)
    await connection.executemany(
        "INSERT INTO busy_time (clerk_id, tenant, starts_at, ends_at) VALUES ($1, $2, $3, $4)",
        [(clerk_id, tenant, span.starts_at, span.ends_at) for span in busy],
    )


async def list_told(connection: Connection, clerk_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Which of these are visits that the clerk was ever told of, called off or not."""
    rows = await connection.fetch(
        "SELECT id FROM assignment WHERE clerk_id = $1 AND id = ANY($2::uuid[])", clerk_id, ids
    )
    return {row["id"] for row in rows}


async def list_standing_visits(connection: Connection, clerk_id: UUID, within: Busy) -> dict[UUID, Busy]:
    rows = await connection.fetch(
        "SELECT id, starts_at, ends_at FROM assignment"
        " WHERE clerk_id = $1 AND live AND starts_at < $3 AND ends_at > $2",
        clerk_id,
        within.starts_at,
        within.ends_at,
    )
    return {row["id"]: Busy(row["starts_at"], row["ends_at"]) for row in rows}

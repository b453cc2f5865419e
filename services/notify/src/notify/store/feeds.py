"""Clerks' feeds: who may read which, and whether there is anything new."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

import msgspec

from contracts.calendars import ClerkCalendarEvent
from kit.sql import Connection, execute, fetch_optional
from notify.domain.feed import Edition


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    clerk_id: UUID
    tenant: str
    time_zone: str
    revision: int
    etag: str | None
    etag_revision: int | None
    etag_day: date | None

    def is_of(self, edition: Edition) -> bool:
        return (self.etag_revision, self.etag_day) == edition


async def insert_feed(connection: Connection, event: ClerkCalendarEvent) -> None:
    """Or bring it up to this version of the clerk's choice."""
    await execute(
        connection,
        "INSERT INTO feed (clerk_id, tenant, version, token_hash) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (clerk_id) DO UPDATE SET version = EXCLUDED.version, token_hash = EXCLUDED.token_hash,"
        " etag = NULL, etag_revision = NULL, etag_day = NULL WHERE feed.version < EXCLUDED.version",
        event.clerk_id,
        event.tenant,
        event.version,
        event.feed_hash,
    )


async def find_feed(connection: Connection, token_hash: str) -> Feed | None:
    return await fetch_optional(
        connection,
        Feed,
        "SELECT clerk_id, tenant, coalesce(tenant.profile ->> 'time_zone', 'Europe/Berlin') AS time_zone, revision,"
        " etag, etag_revision, etag_day FROM feed JOIN tenant ON tenant.slug = feed.tenant WHERE token_hash = $1",
        token_hash,
    )


async def save_etag(connection: Connection, clerk_id: UUID, edition: Edition, etag: str) -> None:
    """Of bytes that hold at least what this revision knew."""
    await execute(
        connection,
        "UPDATE feed SET etag = $4, etag_revision = $2, etag_day = $3 WHERE clerk_id = $1",
        clerk_id,
        edition.revision,
        edition.day,
        etag,
    )


async def grow_revisions(connection: Connection, clerk_ids: Collection[UUID]) -> None:
    """Something changed for these clerks. Locked in the order of their ids, as everybody does who locks several."""
    await execute(
        connection,
        "UPDATE feed SET revision = revision + 1 FROM (SELECT clerk_id FROM feed WHERE clerk_id = ANY($1)"
        "   ORDER BY clerk_id FOR UPDATE) AS own WHERE feed.clerk_id = own.clerk_id",
        list(clerk_ids),
    )


async def grow_all_revisions(connection: Connection, tenant: str) -> None:
    """Something changed for one of the tenant's clerks, and nobody knows for which."""
    await execute(
        connection,
        "UPDATE feed SET revision = revision + 1 FROM (SELECT clerk_id FROM feed WHERE tenant = $1"
        "   AND token_hash IS NOT NULL ORDER BY clerk_id FOR UPDATE) AS own WHERE feed.clerk_id = own.clerk_id",
        tenant,
    )


async def list_invited(connection: Connection, uids: Collection[str]) -> set[str]:
    """Of these calendar entries those to which the clerk was invited, or is about to be."""
    rows = await connection.fetch(
        "SELECT DISTINCT calendar_uid FROM delivery WHERE calendar_uid = ANY($1) AND calendar_method = 'REQUEST'"
        " AND (data_started_at IS NOT NULL OR state IN ('queued', 'claimed', 'retry_wait', 'unknown'))",
        list(uids),
    )
    return {row["calendar_uid"] for row in rows}

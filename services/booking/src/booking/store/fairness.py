"""Counting what one client or one person has, so that parallel requests cannot pass a cap together."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from booking.domain.fairness import Counted
from kit.sql import Connection, execute, fetch_one


async def lock_key(connection: Connection, key: bytes) -> None:
    """One at a time for each client or person, until the transaction ends.

    It goes before the appointment's row in the house's order of locks: who waits here holds nothing yet.
    """
    await execute(connection, "SELECT pg_advisory_xact_lock($1)", int.from_bytes(key[:8], signed=True))


async def insert_open_hold(
    connection: Connection, tenant: str, client_key: bytes, request_key: str, now: datetime, until: datetime, cap: int
) -> Literal["taken", "had", "full"]:
    """With the key locked. `had`: a repeated request has its place already; `full`: the client has `cap` open."""
    is_new: bool | None = await connection.fetchval(
        """
        INSERT INTO open_hold (tenant, client_key, request_key, until)
        SELECT $1, $2, $3, $5 WHERE $6 = 0 OR $6 > (
            SELECT count(*) FROM open_hold h LEFT JOIN appointment a ON a.id = h.appointment_id
            WHERE h.tenant = $1 AND h.client_key = $2 AND h.request_key <> $3 AND h.until > $4
            AND (h.appointment_id IS NULL OR a.expires_at > $4))
        ON CONFLICT (tenant, client_key, request_key) DO UPDATE SET until = greatest(open_hold.until, $5)
        RETURNING xmax = 0
        """,
        tenant,
        client_key,
        request_key,
        now,
        until,
        cap,
    )
    return "full" if is_new is None else "taken" if is_new else "had"


async def save_held(
    connection: Connection, tenant: str, client_key: bytes, request_key: str, appointment_id: UUID, until: datetime
) -> None:
    await execute(
        connection,
        "UPDATE open_hold SET appointment_id = $4, until = $5"
        " WHERE tenant = $1 AND client_key = $2 AND request_key = $3",
        tenant,
        client_key,
        request_key,
        appointment_id,
        until,
    )


async def delete_open_hold(connection: Connection, tenant: str, client_key: bytes, request_key: str) -> None:
    """Nothing was held after all. What an earlier request of this key held stays counted."""
    await execute(
        connection,
        "DELETE FROM open_hold WHERE tenant = $1 AND client_key = $2 AND request_key = $3 AND appointment_id IS NULL",
        tenant,
        client_key,
        request_key,
    )


async def save_person_key(connection: Connection, tenant: str, appointment_id: UUID, person_key: bytes) -> None:
    await execute(
        connection,
        "UPDATE contact SET person_key = $3 WHERE tenant = $1 AND appointment_id = $2",
        tenant,
        appointment_id,
        person_key,
    )


class _Counts(msgspec.Struct, frozen=True):
    holds: int
    bookings: int
    same_day: int


async def count_of_person(
    connection: Connection, tenant: str, person_key: bytes, appointment_id: UUID, now: datetime
) -> Counted:
    """With the key locked. Besides this appointment; `same_day` has one of its services on its day."""
    row = await fetch_one(
        connection,
        _Counts,
        """
        WITH this AS (
            SELECT (a.starts_at AT TIME ZONE a.time_zone)::date AS day, array_agg(i.service_id) AS services
            FROM appointment a JOIN appointment_item i ON i.appointment_id = a.id
            WHERE a.tenant = $1 AND a.id = $3 GROUP BY a.id
        )
        SELECT count(*) FILTER (WHERE a.expires_at IS NOT NULL) AS holds,
               count(*) FILTER (WHERE c.bound_at IS NOT NULL) AS bookings,
               count(*) FILTER (WHERE c.bound_at IS NOT NULL
                   AND (a.starts_at AT TIME ZONE a.time_zone)::date = this.day
                   AND EXISTS (SELECT 1 FROM appointment_item i WHERE i.appointment_id = a.id
                               AND i.service_id = ANY(this.services))) AS same_day
        FROM this, contact c JOIN appointment a ON a.id = c.appointment_id
        WHERE c.tenant = $1 AND c.person_key = $2 AND a.id <> $3 AND a.ends_at > $4
        AND a.state IN ('held', 'awaiting_email', 'awaiting_payment', 'confirmed', 'checked_in', 'in_service')
        AND (a.expires_at IS NULL OR a.expires_at > $4)
        """,
        tenant,
        person_key,
        appointment_id,
        now,
    )
    return Counted(row.holds, row.bookings, row.same_day)


async def insert_used_challenge(connection: Connection, nonce: bytes, until: datetime) -> bool:
    """False: it was spent before. A parallel one waits here for the first one's end."""
    touched = await execute(
        connection, "INSERT INTO used_challenge (nonce, until) VALUES ($1, $2) ON CONFLICT DO NOTHING", nonce, until
    )
    return touched == 1


async def delete_used_challenge(connection: Connection, nonce: bytes) -> None:
    await execute(connection, "DELETE FROM used_challenge WHERE nonce = $1", nonce)


async def delete_forgotten(connection: Connection, now: datetime) -> None:
    """What counts no more: holds that cannot last any longer, challenges that are past their time."""
    await execute(connection, "DELETE FROM open_hold WHERE until < $1", now)
    await execute(connection, "DELETE FROM used_challenge WHERE until < $1", now)

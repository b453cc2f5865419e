"""Visits, and what is only reserved, in lanes or at units that cannot keep them for a while."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from booking.domain.catalogue import Channel
from booking.domain.replanning import Displaced
from kit.sql import Connection, fetch_all


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Which visits: those of these lanes, and those of this unit wherever they are."""

    lane_ids: Sequence[int]
    unit_id: UUID | None = None
    since: datetime
    until: datetime


class DisplacedRow(Displaced, frozen=True, kw_only=True):
    location_id: UUID
    unit_id: UUID
    channel: Channel
    time_zone: str
    service_ids: tuple[UUID, ...]
    quantities: tuple[int, ...]


async def list_displaced(connection: Connection, tenant: str, span: Span, now: datetime) -> list[DisplacedRow]:
    """Those that begin within the span; once it has begun, also who has arrived and still waits. Who is being served
    stays, and so does a visit that has begun as far as anybody knows.
    """
    return await fetch_all(
        connection,
        DisplacedRow,
        """
        SELECT a.id, a.number, a.state, a.lane_id, a.starts_at, a.ends_at, a.location_id, a.unit_id,
               a.channel, a.time_zone, a.booked_via <> 'waitlist' AS is_anybodys,
               coalesce(c.bound_at IS NOT NULL AND c.email IS NOT NULL, false) AS has_mail,
               coalesce(i.service_ids, '{}') AS service_ids, coalesce(i.quantities, '{}') AS quantities
        FROM appointment a LEFT JOIN contact c ON c.appointment_id = a.id
        CROSS JOIN LATERAL (SELECT array_agg(service_id ORDER BY position) AS service_ids,
                                   array_agg(quantity ORDER BY position) AS quantities
                            FROM appointment_item WHERE appointment_id = a.id) AS i
        WHERE a.tenant = $1 AND (a.lane_id = ANY($2) OR a.unit_id = $3)
          AND a.starts_at > $4::timestamptz - interval '1 day' AND a.starts_at < $5
          AND (a.state = 'checked_in' AND ($4 <= $6 OR a.ends_at > $4)
               OR a.state = 'confirmed' AND a.starts_at >= $4
               OR a.state IN ('held', 'awaiting_email', 'awaiting_payment') AND a.starts_at >= $4
                  AND a.expires_at > $6)
        ORDER BY a.starts_at, a.id
        """,
        tenant,
        span.lane_ids,
        span.unit_id,
        span.since,
        span.until,
        now,
    )

"""Appointments beside what they occupy, for the checker."""

from datetime import datetime

from booking.domain.findings import BookedLanes
from kit.sql import Connection, fetch_all


async def list_booked_lanes(connection: Connection, tenant: str, since: datetime) -> list[BookedLanes]:
    """Of all appointments that begin after `since`."""
    return await fetch_all(
        connection,
        BookedLanes,
        "SELECT a.number, a.state, a.overbooked, a.lane_id, a.starts_at, a.ends_at, a.time_zone,"
        " coalesce(array_agg(o.lane_id) FILTER (WHERE o.lane_id IS NOT NULL), '{}') AS lanes,"
        " coalesce(bool_and(o.during @> tstzrange(a.starts_at, a.ends_at)), true) AS covers,"
        " coalesce(bool_or(o.lane_id IS NOT NULL AND l.id IS NULL), false) AS is_foreign"
        " FROM appointment a LEFT JOIN occupation o ON o.appointment_id = a.id"
        " LEFT JOIN lane l ON l.id = o.lane_id AND l.tenant = a.tenant AND l.location_id = a.location_id"
        " WHERE a.tenant = $1 AND a.starts_at > $2 GROUP BY a.id ORDER BY a.starts_at, a.number",
        tenant,
        since,
    )

"""Visits for which the office offered another time. The index `appointment_rebooking` holds those alone."""

from datetime import datetime

from booking.store.appointments import Due
from kit.sql import Connection, fetch_all


async def list_unused(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """Whose time to choose is over."""
    return await fetch_all(
        connection,
        Due,
        "SELECT tenant, id FROM appointment WHERE rebook_until <= $1 ORDER BY rebook_until LIMIT $2",
        now,
        limit,
    )

"""How long a citizen may change a visit alone: the strictest of its services."""

from uuid import UUID

from booking.domain.change import Deadlines
from kit.sql import Connection, fetch_one


async def get_deadlines(connection: Connection, tenant: str, appointment_id: UUID) -> Deadlines:
    return await fetch_one(
        connection,
        Deadlines,
        "SELECT coalesce(max(o.cancel_until_h), 0) AS cancel_until_h,"
        " coalesce(max(o.reschedule_until_h), 0) AS reschedule_until_h,"
        " (SELECT profile ->> 'phone' FROM tenant WHERE slug = $1) AS phone"
        " FROM appointment_item i JOIN offering o ON o.id = i.offering_id"
        " WHERE o.tenant = $1 AND i.appointment_id = $2",
        tenant,
        appointment_id,
    )

"""A clerk who was told of visits another way so far is invited to all that are to come."""

from datetime import datetime
from uuid import UUID

from booking.store.appointments import get_appointment
from booking.store.clerk_calendars import list_visits_to_come
from booking.usecases.record import tell
from kit.sql import Connection


async def invite_to_visits(connection: Connection, tenant: str, clerk_id: UUID, now: datetime) -> None:
    for appointment_id in await list_visits_to_come(connection, clerk_id, now):
        await tell(connection, await get_appointment(connection, tenant, appointment_id), "appointment.invite_due")

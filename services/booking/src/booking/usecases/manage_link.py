"""The token that opens an appointment to its owner: in a mail's link, and in the browser after the activation."""

from datetime import timedelta

from booking.domain.appointment import Appointment
from booking.store.appointments import get_appointment
from booking.store.grants import find_live_grant, insert_grant
from booking.usecases.use_link import PURPOSE
from booking.usecases.view_appointment import Access
from kit.clock import Clock
from kit.ids import uuid7
from kit.sql import Connection, Pool
from kit.tokens import sign_id

GRANT_DAYS = timedelta(days=7)


async def open_manage_link(pool: Pool, link_key: str, clock: Clock, access: Access) -> str:
    """Raises NotFound."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await get_appointment(connection, access.tenant, access.appointment_id)
        return await manage_token(connection, link_key, clock, appointment)


async def manage_token(connection: Connection, link_key: str, clock: Clock, appointment: Appointment) -> str:
    """By the newest grant that still holds; where none does (the visit is over), by a new one of a few days."""
    grant = await find_live_grant(connection, appointment.tenant, appointment.id, clock())
    grant_id = grant.id if grant else uuid7()
    if grant is None:
        until = max(clock(), appointment.ends_at) + GRANT_DAYS
        await insert_grant(connection, grant_id, appointment.tenant, appointment.id, until)
    return sign_id(link_key, PURPOSE, grant_id)

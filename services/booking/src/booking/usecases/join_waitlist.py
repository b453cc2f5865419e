"""Asking to come earlier, with wishes; asking anew changes the wishes and keeps the place in the line."""

from booking.domain.appointment import Appointment
from booking.domain.change import NO_DEADLINES, require_movable
from booking.domain.errors import Conflict, NotFound
from booking.domain.waitlist import Wishes, tidy_wishes
from booking.store.appointments import lock_appointment
from booking.store.contacts import find_contact
from booking.store.waitlist import delete_entry, find_entry, save_entry
from booking.usecases.view_appointment import Access
from kit.clock import Clock
from kit.sql import Connection, Pool


async def join_waitlist(pool: Pool, clock: Clock, access: Access, wishes: Wishes) -> Wishes:
    """Raises Invalid, TooLate, and Conflict before the confirmation or without a mail address."""
    wishes = tidy_wishes(wishes)
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        require_movable(appointment, clock(), NO_DEADLINES)
        await _require_reachable(connection, appointment)
        await save_entry(connection, access.tenant, access.appointment_id, wishes, clock())
    return wishes


async def read_waitlist(pool: Pool, access: Access) -> Wishes:
    """Raises NotFound for who does not wait."""
    async with pool.acquire() as connection:
        found = await find_entry(connection, access.tenant, access.appointment_id)
    if found is None:
        raise NotFound("This appointment does not wait for an earlier time.")
    return found


async def leave_waitlist(pool: Pool, access: Access) -> None:
    """An offer that is open stays so until it lapses."""
    async with pool.acquire() as connection:
        await delete_entry(connection, access.tenant, access.appointment_id)


async def _require_reachable(connection: Connection, appointment: Appointment) -> None:
    if appointment.state != "confirmed":
        raise Conflict(f"The appointment is {appointment.state}: only a confirmed one can wait for an earlier time.")
    contact = await find_contact(connection, appointment.tenant, appointment.id)
    if contact is None or contact.person.email is None:
        raise Conflict("Earlier times are offered by mail, and the appointment has no mail address.")

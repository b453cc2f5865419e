"""The citizen says "I am here", and the code of the poster at the entrance proves it."""

from uuid import UUID

from booking.domain.appointment import Appointment, By
from booking.domain.attendance import check_in
from booking.domain.errors import Conflict, Invalid, NotFound
from booking.domain.numbers import tidy_code, tidy_number
from booking.store.appointments import lock_appointment
from booking.store.arrival import ArrivalPlace, find_arrival_place
from booking.store.visits import find_by_number
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Connection, Pool

_CITIZEN = By("citizen")


async def arrive(pool: Pool, clock: Clock, access: Access, code: str, *, once: Once | None = None) -> AppointmentView:
    """A second time changes nothing. Raises Invalid, NotFound, TooEarly, TooLate, Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            place = await find_arrival_place(connection, access.tenant, tidy_code(code))
            if place is None or place.id != appointment.location_id:
                raise Invalid.field("location_code", "expected the code of the poster where the visit takes place")
            await _check_in(connection, clock, appointment)
            await mark_done(connection, once)
        return await read_view(connection, access)


async def arrive_by_number(pool: Pool, clock: Clock, place: ArrivalPlace, tenant: str, number: str) -> AppointmentView:
    """For whoever stands at the poster with a number alone. A number of elsewhere is answered like one that is none.

    Raises NotFound, TooEarly, TooLate, Conflict.
    """
    async with pool.acquire() as connection, connection.transaction():
        appointment_id = await find_by_number(connection, tenant, tidy_number(number))
        appointment = await _lock_at(connection, tenant, appointment_id, place)
        await _check_in(connection, clock, appointment)
        return await read_view(connection, Access(tenant, appointment.id))


async def _lock_at(
    connection: Connection, tenant: str, appointment_id: UUID | None, place: ArrivalPlace
) -> Appointment:
    appointment = await lock_appointment(connection, tenant, appointment_id) if appointment_id else None
    if appointment is None or appointment.location_id != place.id:
        raise NotFound("There is no such appointment here.")
    return appointment


async def _check_in(connection: Connection, clock: Clock, appointment: Appointment) -> None:
    if appointment.channel != "on_site":
        raise Conflict("This visit does not take place on site.")
    if appointment.state not in ("checked_in", "in_service"):
        await record(connection, check_in(appointment, clock(), _CITIZEN))

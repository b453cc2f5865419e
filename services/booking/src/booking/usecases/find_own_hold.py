"""Whether somebody who chooses a time already has one reserved for the same visit: a person needs one, not three."""

from collections.abc import Sequence

from booking.domain.appointment import Appointment
from booking.domain.combining import WantedVisit
from booking.store.appointments import get_appointment, list_items
from booking.store.contacts import find_contact
from booking.usecases.view_appointment import Access
from kit.clock import Clock
from kit.sql import Connection, Pool


async def find_own_hold(
    pool: Pool, clock: Clock, accesses: Sequence[Access], wanted: WantedVisit
) -> Appointment | None:
    """The first of them that is reserved, not booked, and for the same services and people. Raises NotFound."""
    async with pool.acquire() as connection:
        for access in accesses:
            appointment = await get_appointment(connection, access.tenant, access.appointment_id)
            is_held = appointment.state == "held" and not appointment.is_overdue(clock())
            if is_held and await _is_for(connection, appointment, wanted):
                return appointment
    return None


async def _is_for(connection: Connection, appointment: Appointment, wanted: WantedVisit) -> bool:
    contact = await find_contact(connection, appointment.tenant, appointment.id)
    items = await list_items(connection, appointment.tenant, appointment.id)
    booked = {(item.service_id, item.quantity) for item in items}
    is_bound = contact is not None and contact.bound_at is not None
    is_same = booked == {(item.service_id, item.quantity) for item in wanted.items}
    return is_same and appointment.channel == wanted.channel and not is_bound

"""The contact as a draft, so that "Angaben prüfen" can show it before the binding step."""

from booking.domain.contact import Contact, require_callable, tidy
from booking.domain.errors import Conflict, HoldExpired
from booking.domain.fairness import OPEN_GATE, Gate
from booking.store import contacts
from booking.store.appointments import lock_appointment
from booking.store.contacts import find_contact
from booking.usecases.admit import admit_draft, wait_for_turn
from booking.usecases.view_appointment import Access
from kit.clock import Clock
from kit.sql import Connection, Pool


async def save_contact(pool: Pool, clock: Clock, access: Access, contact: Contact, gate: Gate = OPEN_GATE) -> None:
    """Raises Invalid, NotFound, HoldExpired, TooManyHolds; Conflict after the binding step: no appointment changes
    hands.
    """
    contact = tidy(contact)
    async with pool.acquire() as connection, connection.transaction():
        await wait_for_turn(connection, gate)
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if appointment.state == "expired" or appointment.is_overdue(clock()):
            raise HoldExpired("The reservation has lapsed. Choose a time again.")
        require_callable(contact, appointment.channel)
        stored = await find_contact(connection, access.tenant, access.appointment_id)
        if appointment.state != "held" or (stored and stored.bound_at):
            raise Conflict("The appointment is booked already; its contact stays.")
        await contacts.save_contact(connection, access.tenant, access.appointment_id, contact, bound_at=None)
        await admit_draft(connection, appointment, gate, clock())


async def bind_contact(connection: Connection, clock: Clock, access: Access, contact: Contact) -> None:
    await contacts.save_contact(connection, access.tenant, access.appointment_id, contact, bound_at=clock())

"""The link of the activation mail was used: the address is proved, and the booking goes on where it was.

Confirmed at once, or on to the checkout. What lapsed meanwhile takes the same slot again, if it is still free.
"""

from booking.domain.activation import activate
from booking.domain.appointment import Appointment
from booking.domain.confirmation import confirm
from booking.domain.errors import Conflict
from booking.store.appointments import lock_appointment
from booking.store.contacts import find_contact, verify_contact
from booking.usecases.go_to_checkout import Checkout, open_checkout, prepare_checkout
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access, AppointmentView, view_appointment
from kit.clock import Clock
from kit.sql import Connection, Pool


async def activate_appointment(
    pool: Pool, checkout: Checkout, clock: Clock, access: Access, *, once: Once | None = None
) -> AppointmentView:
    """`access` by a grant to activate. A second time answers with the appointment as it stands.

    Raises SlotTaken, HoldExpired, HoldExhausted, Conflict, PaymentAway.
    """
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        prepared = None
        if not await is_repeat(connection, once):
            prepared = await _activate(connection, clock, appointment)
        if prepared is None:
            await mark_done(connection, once)
    if prepared:
        await open_checkout(pool, checkout, clock, prepared, once)
    return await view_appointment(pool, access)


async def _activate(connection: Connection, clock: Clock, appointment: Appointment) -> Appointment | None:
    """The appointment that goes to the checkout, or None when nothing is left to do."""
    contact = await find_contact(connection, appointment.tenant, appointment.id)
    if contact is None or contact.bound_at is None:
        raise Conflict("There is nothing to confirm.")
    is_proved = contact.verified_at is not None
    if is_proved and appointment.state in ("awaiting_payment", "confirmed", "checked_in", "in_service", "completed"):
        return None
    if not (is_proved and appointment.state == "held"):  # held: payment did not answer the first time
        appointment = await record(connection, activate(appointment, clock()))
        await verify_contact(connection, appointment.tenant, appointment.id, clock())
    if appointment.payment_mode == "online":
        return await prepare_checkout(connection, appointment, appointment.return_url, clock)
    await record(connection, confirm(appointment, appointment.payment_mode, appointment.return_url, clock()))
    return None

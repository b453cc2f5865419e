"""Going on with an unfinished payment, or changing to the counter where the service allows it."""

from typing import Literal

from booking.domain.appointment import Appointment
from booking.domain.confirmation import choose_mode, confirm
from booking.domain.errors import Conflict
from booking.domain.reservation import has_open_payment
from booking.store.appointments import lock_appointment
from booking.store.contacts import find_contact
from booking.store.grants import find_live_grant
from booking.usecases.go_to_checkout import Checkout, open_checkout, prepare_checkout
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access, AppointmentView, view_appointment
from kit.clock import Clock
from kit.sql import Connection, Pool

OVER = frozenset({None, "expired", "cancelled"})
"""Payment states after which a new payment may begin."""


async def begin_payment(
    pool: Pool,
    checkout: Checkout,
    clock: Clock,
    access: Access,
    mode: Literal["online", "counter"],
    *,
    once: Once | None = None,
) -> AppointmentView:
    """Raises Invalid (the policy has no counter), SlotTaken, HoldExhausted, Conflict, PaymentAway."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        prepared = None
        if not await is_repeat(connection, once):
            prepared = await _begin(connection, clock, appointment, mode)
        if prepared is None:
            await mark_done(connection, once)
    if prepared:
        await open_checkout(pool, checkout, clock, prepared, once)
    return await view_appointment(pool, access)


async def _begin(
    connection: Connection, clock: Clock, appointment: Appointment, wish: Literal["online", "counter"]
) -> Appointment | None:
    """The appointment that goes to the checkout, or None when nothing is left to do."""
    await _require_bound(connection, clock, appointment)
    if appointment.state == "confirmed":
        if appointment.payment_mode == wish:
            return None
        raise Conflict("The appointment is confirmed; how it is paid is settled.")
    mode = choose_mode(appointment, wish)
    if mode != "online":
        await record(connection, confirm(appointment, mode, appointment.return_url, clock()))
        return None
    if appointment.state == "awaiting_payment" and has_open_payment(appointment):
        return None
    if appointment.payment_state not in OVER:
        raise Conflict("The payment is being checked. The outcome comes by mail.")
    return await prepare_checkout(connection, appointment, appointment.return_url, clock)


async def _require_bound(connection: Connection, clock: Clock, appointment: Appointment) -> None:
    contact = await find_contact(connection, appointment.tenant, appointment.id)
    if contact is None or contact.bound_at is None:
        raise Conflict("Confirm the appointment with a contact first.")
    asked = await find_live_grant(connection, appointment.tenant, appointment.id, clock(), "activate")
    if contact.verified_at is None and asked:
        raise Conflict("Confirm the mail address first, by the link in the mail.")

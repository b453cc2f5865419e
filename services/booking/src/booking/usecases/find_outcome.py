"""How a payment ended, told to whoever comes back from the checkout without the appointment's link: a word, no more."""

from typing import Literal

from booking.domain.appointment import STANDING
from booking.domain.reservation import has_open_payment
from booking.domain.settlement import LOST, SECURED
from booking.store.appointments import get_appointment
from booking.usecases.view_appointment import Access
from kit.clock import Clock
from kit.sql import Pool

Outcome = Literal["paid", "open", "checking", "over"]


async def find_outcome(pool: Pool, clock: Clock, access: Access) -> Outcome | None:
    """None where no payment was begun. Raises NotFound."""
    async with pool.acquire() as connection:
        appointment = await get_appointment(connection, access.tenant, access.appointment_id)
    if appointment.payment_id is None:
        return None
    if appointment.state in STANDING and appointment.payment_state in SECURED - LOST:
        return "paid"
    if appointment.state != "awaiting_payment" or appointment.is_overdue(clock()):
        return "over"
    is_open = has_open_payment(appointment) or appointment.payment_state in LOST
    return "open" if is_open else "checking"

"""The earlier time is not wanted: the next one is asked. The place in the line stays."""

from booking.domain.errors import Gone
from booking.store.appointments import lock_appointment
from booking.store.earlier_offers import find_open_offer, settle_offer
from booking.store.freed_slots import postpone_slot
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Pool


async def decline_earlier(pool: Pool, clock: Clock, access: Access, *, once: Once | None = None) -> AppointmentView:
    """Raises Gone where nothing is offered any more."""
    async with pool.acquire() as connection, connection.transaction():
        await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            now = clock()
            offer = await find_open_offer(connection, access.tenant, access.appointment_id)
            if offer is None or not await settle_offer(connection, offer.held_id, "declined", now):
                raise Gone("This earlier time is no longer held. Your appointment stays as it is.")
            await postpone_slot(connection, offer.held_id, now)
            await mark_done(connection, once)
        return await read_view(connection, access)

"""Asking payment about whom we have not heard of for a while: the net under lost events."""

from datetime import timedelta

from booking.clients.payment import PaymentClient
from booking.domain.errors import PaymentAway
from booking.store.appointments import list_quiet_payments
from booking.usecases.apply_payment import ask_payment
from booking.usecases.view_appointment import Access
from kit.clock import Clock
from kit.sql import Pool

QUIET = timedelta(minutes=1)
PATIENCE = timedelta(days=1)
BATCH = 50


async def sweep_payments(pool: Pool, client: PaymentClient, clock: Clock) -> int:
    """Return 0: who was asked once is asked again after the loop's rest, not at once."""
    now = clock()
    async with pool.acquire() as connection:
        waiting = await list_quiet_payments(connection, now - QUIET, now - PATIENCE, BATCH)
    for each in waiting:
        try:
            await ask_payment(pool, client, clock, Access(each.tenant, each.id))
        except PaymentAway:
            break  # it is down: the others would only wait for the same time-out
    return 0

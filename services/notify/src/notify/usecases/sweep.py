"""What time alone brings about: leases run out, mails count as delivered, addresses and texts are erased."""

from kit.clock import Clock
from kit.sql import Pool
from notify.domain.sending import ASSUMED_DELIVERED_AFTER
from notify.store.erasure import forget_waiting
from notify.store.sweeps import assume_delivered, erase_persons, release_leases


async def release_dead_senders(pool: Pool, clock: Clock) -> int:
    async with pool.acquire() as connection, connection.transaction():
        now = clock()
        released = await release_leases(connection, now)
        if released:
            await forget_waiting(connection, now)
        return released


async def close_old(pool: Pool, clock: Clock) -> int:
    now = clock()
    async with pool.acquire() as connection:
        assumed = await assume_delivered(connection, now - ASSUMED_DELIVERED_AFTER)
        return assumed + await erase_persons(connection, now)

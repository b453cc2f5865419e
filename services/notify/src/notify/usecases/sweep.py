"""What time alone brings about: leases run out, mails count as delivered, addresses and texts are erased, rows go."""

import logging
from datetime import timedelta

from kit.clock import Clock
from kit.sql import Pool
from notify.domain.sending import ASSUMED_DELIVERED_AFTER
from notify.store import digests, sweeps
from notify.store.erasure import forget_settled, forget_waiting

log = logging.getLogger(__name__)

NOTICES_KEPT = timedelta(days=30)
SUPPRESSIONS_KEPT = timedelta(days=180)
"""Addresses come back to life. Until then a fingerprint stays that names nobody without our key."""
DELIVERIES_KEPT = timedelta(days=400)
"""States without persons, for a year's statistics."""


async def release_dead_senders(pool: Pool, clock: Clock) -> int:
    async with pool.acquire() as connection, connection.transaction():
        now = clock()
        released = await sweeps.release_leases(connection, now)
        if released:
            await forget_waiting(connection, now)
        return released


async def close_old(pool: Pool, clock: Clock) -> int:
    """The tenant's retention holds for addresses and texts, the constants above for rows."""
    now = clock()
    async with pool.acquire() as connection:
        done = {
            "assumed_delivered": await sweeps.assume_delivered(connection, now - ASSUMED_DELIVERED_AFTER),
            "erased": await sweeps.erase_persons(connection, now)
            + await forget_settled(connection, now)
            + await forget_waiting(connection, now),
            "notices": await sweeps.delete_notices(connection, now - NOTICES_KEPT),
            "digest_days": await digests.delete_digest_days(connection, (now - NOTICES_KEPT).date()),
            "suppressions": await sweeps.delete_suppressions(connection, now - SUPPRESSIONS_KEPT),
            "deliveries": await sweeps.delete_deliveries(connection, now - DELIVERIES_KEPT),
            "appointments": await sweeps.delete_appointments(connection, now - DELIVERIES_KEPT),
        }
    if any(done.values()):
        log.info("retention", extra=done)
    return sum(done.values())

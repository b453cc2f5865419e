"""What was remembered of inbound mails goes in its time: it holds no person, and is of no use any more."""

from datetime import timedelta
from typing import Final

from kit.clock import Clock
from kit.sql import Pool
from notify.store.bounces import delete_old_bounces
from notify.store.inbound import delete_old_mails

MAILS_KEPT: Final = timedelta(days=90)
"""Longer than any window of booking: a mail that the mailbox shows again meanwhile has no effect twice."""
BOUNCES_KEPT: Final = timedelta(days=30)


async def forget_inbound(pool: Pool, clock: Clock) -> int:
    now = clock()
    async with pool.acquire() as connection:
        mails = await delete_old_mails(connection, now - MAILS_KEPT)
        return mails + await delete_old_bounces(connection, now - BOUNCES_KEPT)

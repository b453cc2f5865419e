"""The slot that a cancelled or moved visit leaves is kept back where somebody waits for it, or where the tenant wants
no bots at it. In the transaction that frees it, so that the public never sees it in between.
"""

import random
import secrets
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment
from booking.domain.numbers import NUMBER_BYTES, make_number
from booking.domain.slots import place_of
from booking.domain.waitlist import GRACE
from booking.store.freed_slots import NewFreedSlot, insert_freed_slot, read_keep_back
from booking.store.masks import take_bits
from kit.ids import uuid7
from kit.sql import Connection

SOONEST: Final = timedelta(minutes=1)


async def keep_back(connection: Connection, left: Appointment, now: datetime) -> None:
    """`left` as it was. Nothing is kept where the lane is closed by now, or the visit moved within its own time."""
    if left.state != "confirmed" or left.overbooked or left.starts_at <= now:
        return
    wish = await read_keep_back(connection, left)
    if not wish.freed_after_min and not wish.is_waited_for:
        return
    place = place_of(left.starts_at, left.ends_at, ZoneInfo(left.time_zone))
    if not await take_bits(connection, left.lane_id, place.day, place.bits):
        return
    public_at = _moment(now, wish.freed_after_min)
    slot = NewFreedSlot(
        id=uuid7(),
        number=make_number(secrets.token_bytes(NUMBER_BYTES)),
        left=left,
        now=now,
        expires_at=max(public_at, now + GRACE),
        public_at=public_at,
        due_at=now if wish.is_waited_for else None,
    )
    await insert_freed_slot(connection, slot)


def _moment(now: datetime, within_min: int) -> datetime:
    """A random one, so that nobody can be there just when a slot comes back."""
    if not within_min:
        return now
    latest = timedelta(minutes=within_min)
    return now + SOONEST + random.random() * max(latest - SOONEST, timedelta(0))  # noqa: S311 - no secret

"""A clerk's calendar learns of visits another way from now on.

Nothing that was told is taken back: who was invited to a visit hears of it by invitation to its end. Who wants
invitations from now on gets them for all visits to come, since a feed ends with the choice.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from booking.domain.appointment import By
from booking.domain.errors import Conflict, Forbidden, NotFound
from booking.store.clerk_calendars import (
    ClerkCalendar,
    find_clerk_calendar,
    lock_clerk_calendar,
    save_choice,
)
from booking.usecases.feed_address import FeedLinks
from booking.usecases.invite_to_visits import invite_to_visits
from booking.usecases.once import Once, is_repeat, mark_done
from contracts.booking import SUBJECT_PREFIX
from contracts.calendars import CalendarChannel, ClerkCalendarEvent
from kit.clock import Clock
from kit.ids import uuid7
from kit.outbox import add_event
from kit.sql import Connection, Pool


class WhoseCalendar(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    clerk_id: UUID
    by: By
    for_others: bool
    """Who asks may also do so for colleagues."""


async def view_calendar(pool: Pool, whose: WhoseCalendar) -> ClerkCalendar:
    """Raises NotFound, Forbidden."""
    async with pool.acquire() as connection:
        return _checked(await find_clerk_calendar(connection, whose.tenant, whose.clerk_id), whose)


async def choose_calendar(
    pool: Pool, clock: Clock, links: FeedLinks, whose: WhoseCalendar, channel: CalendarChannel
) -> ClerkCalendar:
    """Twice is once. Raises NotFound, Forbidden."""
    now = clock()
    async with pool.acquire() as connection, connection.transaction():
        before = _checked(await lock_clerk_calendar(connection, whose.tenant, whose.clerk_id, now), whose)
        feed_id = (before.feed_id or uuid7()) if channel == "feed" else None
        if before.is_chosen and (before.channel, before.feed_id) == (channel, feed_id):
            return before
        chosen = await _save(connection, links, before, channel, feed_id, now)
        if channel == "invite" and before.channel != "invite":
            await invite_to_visits(connection, chosen.tenant, chosen.clerk_id, now)
        return chosen


async def rotate_feed(pool: Pool, clock: Clock, links: FeedLinks, whose: WhoseCalendar, once: Once) -> ClerkCalendar:
    """Another address, and the old one is void. Raises NotFound, Forbidden, Conflict, KeyReused."""
    now = clock()
    async with pool.acquire() as connection, connection.transaction():
        before = _checked(await lock_clerk_calendar(connection, whose.tenant, whose.clerk_id, now), whose)
        if await is_repeat(connection, once):
            return before
        if before.channel != "feed":
            raise Conflict("This clerk's calendar learns of visits another way: choose the feed first.")
        rotated = await _save(connection, links, before, "feed", uuid7(), now)
        await mark_done(connection, once)
        return rotated


def _checked(calendar: ClerkCalendar | None, whose: WhoseCalendar) -> ClerkCalendar:
    if calendar is None:
        raise NotFound("There is no such clerk.")
    if not whose.for_others and (calendar.subject is None or calendar.subject != whose.by.subject):
        raise Forbidden("Clerks choose for themselves; for others it needs the role lead.")
    return calendar


async def _save(
    connection: Connection,
    links: FeedLinks,
    before: ClerkCalendar,
    channel: CalendarChannel,
    feed_id: UUID | None,
    now: datetime,
) -> ClerkCalendar:
    chosen = msgspec.structs.replace(
        before, channel=channel, is_chosen=True, feed_id=feed_id, version=before.version + 1
    )
    await save_choice(connection, chosen, now)
    event = ClerkCalendarEvent(
        id=uuid7(),
        tenant=chosen.tenant,
        clerk_id=chosen.clerk_id,
        version=chosen.version,
        channel=channel,
        feed_hash=links.hash(feed_id),
        occurred_at=now,
    )
    await add_event(connection, event.id, SUBJECT_PREFIX + event.type, event)
    return chosen

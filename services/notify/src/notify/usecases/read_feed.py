"""Answer a calendar program that asks for a clerk's feed: the calendar, or that it is still the one it has.

An unchanged feed is neither asked of booking nor written again: its ETag is kept with the revision of the clerk's
visits and the day for which it holds.
"""

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

from kit.clock import Clock
from kit.sql import Pool
from notify.calendar.feed import etag_of, write_feed
from notify.clients.booking import BookingClient, LetterGone, LetterUnavailable
from notify.domain.errors import BookingAway, NotFound
from notify.domain.feed import Edition, edition, window
from notify.language import language_of
from notify.store.feeds import Feed, find_feed, list_invited, save_etag
from notify.store.tenants import get_tenant

KEPT_MAX = 64


class Kept(NamedTuple):
    edition: Edition
    etag: str
    data: bytes | None
    """None: whoever asked had it."""
    seen_at: float


class FeedShelf:
    """The feeds that this process wrote or saw last, by the hash of their tokens."""

    def __init__(self, age_s: float) -> None:
        """For so long nobody is asked whether one changed: its readers come by the hour."""
        self.age_s = age_s
        self._kept: dict[str, Kept] = {}

    def find(self, token_hash: str) -> Kept | None:
        return self._kept.get(token_hash)

    def put(self, token_hash: str, kept: Kept) -> None:
        self._kept.pop(token_hash, None)
        while len(self._kept) >= KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        self._kept[token_hash] = kept


class Reading(NamedTuple):
    pool: Pool
    booking: BookingClient
    clock: Clock
    shelf: FeedShelf


class Answer(NamedTuple):
    etag: str
    data: bytes | None
    """None: unchanged."""


async def read_feed(reading: Reading, token_hash: str, has: Callable[[str], bool]) -> Answer:
    """`has`: whether the asker has the bytes of an ETag. Raises NotFound, BookingAway."""
    kept, now = reading.shelf.find(token_hash), time.monotonic()
    if kept and now - kept.seen_at < reading.shelf.age_s and has(kept.etag):
        return Answer(kept.etag, None)
    async with reading.pool.acquire() as connection:
        feed = await find_feed(connection, token_hash)
    if feed is None:
        raise NotFound("There is no such feed.")
    wanted = edition(feed.revision, reading.clock(), feed.time_zone)
    data = kept.data if kept and kept.edition == wanted else None
    if feed.etag and feed.is_of(wanted) and (data or has(feed.etag)):
        reading.shelf.put(token_hash, Kept(wanted, feed.etag, data, now))
        return Answer(feed.etag, None if has(feed.etag) else data)
    data = await _write(reading, feed, wanted)
    etag = etag_of(data)
    async with reading.pool.acquire() as connection:
        await save_etag(connection, feed.clerk_id, wanted, etag)
    reading.shelf.put(token_hash, Kept(wanted, etag, data, now))
    return Answer(etag, None if has(etag) else data)


async def _write(reading: Reading, feed: Feed, wanted: Edition) -> bytes:
    """The revision was read before, so what booking answers is no older. A long feed is written beside the loop."""
    try:
        agenda = await reading.booking.fetch_agenda(feed.clerk_id, *window(wanted.day, feed.time_zone))
    except LetterGone:
        raise NotFound("There is no such feed.") from None
    except LetterUnavailable:
        raise BookingAway("The feed cannot be written just now; the calendar that you have still stands.") from None
    if agenda.channel != "feed":
        raise NotFound("There is no such feed.")
    async with reading.pool.acquire() as connection:
        tenant = await get_tenant(connection, feed.tenant)
        invited = await list_invited(connection, [visit.calendar.uid for visit in agenda.visits])
    return await asyncio.to_thread(write_feed, agenda, tenant, language_of(tenant.clerk_language), invited)

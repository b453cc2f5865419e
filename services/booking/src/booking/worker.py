"""Booking's worker process: what must happen without a request. Nothing that a citizen waits for depends on it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import httpx

from booking.clients.payment import PaymentClient, open_payment
from booking.settings import Settings, read_payment_api_keys
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.apply_mail_event import apply_mail_event
from booking.usecases.apply_payment import apply_payment_event
from booking.usecases.close_day import close_days
from booking.usecases.decline_rebooking import give_up_rebooking
from booking.usecases.deliver_webhooks import Sender, deliver_webhooks, forget_old_deliveries
from booking.usecases.erase_appointment import erase_due
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.fold_statistics import fold_statistics
from booking.usecases.follow_invitation import clear_invitations
from booking.usecases.follow_mailboxes import follow_mailboxes
from booking.usecases.hold_fairly import forget_open_holds
from booking.usecases.offer_freed_slots import offer_freed_slots
from booking.usecases.read_busy_times import BusyReader, read_busy_times
from booking.usecases.rebuild_masks import extend_masks
from booking.usecases.remind import remind_appointments, tell_unfinished_payments
from booking.usecases.send_commands import send_commands
from booking.usecases.sweep_payments import sweep_payments
from contracts import booking as messages
from contracts import notify as mail_messages
from contracts import payment as payment_messages
from kit.clock import Clock, system_clock
from kit.events import consume, ensure_stream, open_nats
from kit.outbox import delete_old, publish_batch
from kit.sql import Connection, Pool, open_pool
from kit.webhooks import open_client
from kit.worker import Loop, run_loops

DURABLE: Final = "booking"
RELAY_IDLE_S = 0.1


async def work(settings: Settings) -> None:
    """Until SIGTERM. Without NATS or payment the other loops go on."""
    keys = read_payment_api_keys(settings.payment_api_keys_file)
    async with (
        open_pool(settings.database_url, size_max=20) as pool,
        open_payment(settings.payment_url, keys) as payment,
        open_client() as http,
    ):
        sender = Sender(http=http, key=settings.link_key, allow_loopback=settings.allow_loopback)
        await run_loops(
            [
                Loop("tell", partial(tell, settings, pool), idle_s=1),
                Loop("hear", partial(hear, settings, pool, system_clock), idle_s=1),
                Loop("hear-mail", partial(hear_mail, settings, pool, system_clock), idle_s=1),
                Loop("webhooks", partial(deliver_webhooks, pool, sender, system_clock), idle_s=0.3),
                *clock_loops(settings, pool, payment, system_clock),
                *busy_loops(settings, pool, http, system_clock),
            ]
        )


def busy_loops(settings: Settings, pool: Pool, http: httpx.AsyncClient, clock: Clock) -> Sequence[Loop]:
    """Clerks' own calendars, where they can be connected."""
    key = settings.calendars_cipher
    if key is None:
        return []
    every = timedelta(minutes=settings.busy_every_min)
    reader = BusyReader(pool, clock, http, key, every, settings.allow_loopback)
    return [Loop("busy", partial(read_busy_times, reader), idle_s=2)]


async def tell(settings: Settings, pool: Pool) -> None:
    """Publish events for ever. Raises when NATS is away; the next run has a connection of its own."""
    async with open_nats(settings.nats_url, "booking-tell") as client:
        stream = client.jetstream()
        await ensure_stream(stream, messages.STREAM, [messages.SUBJECT_PREFIX + ">"])
        while True:
            if not await publish_batch(pool, stream):
                await asyncio.sleep(RELAY_IDLE_S)


async def hear(settings: Settings, pool: Pool, clock: Clock) -> None:
    """Apply payment's events for ever. Raises while payment has not made its stream yet."""

    async def handle(connection: Connection, _subject: str, payload: bytes) -> None:
        await apply_payment_event(connection, clock, payload)

    async with open_nats(settings.nats_url, "booking-hear") as client:
        await consume(pool, client, payment_messages.STREAM, DURABLE, handle)


async def hear_mail(settings: Settings, pool: Pool, clock: Clock) -> None:
    """Apply notify's events for ever. Raises while notify has not made its stream yet."""

    async def handle(connection: Connection, subject: str, payload: bytes) -> None:
        await apply_mail_event(connection, clock, subject, payload)

    async with open_nats(settings.nats_url, "booking-hear-mail") as client:
        await consume(pool, client, mail_messages.STREAM, DURABLE, handle)


def clock_loops(settings: Settings, pool: Pool, payment: PaymentClient, clock: Clock) -> Sequence[Loop]:
    """What is due by time."""
    ahead = timedelta(hours=settings.reminder_ahead_h)
    unfinished = timedelta(minutes=settings.unfinished_after_min)
    catalogues = CatalogueCache(pool, settings.catalogue_age_s)
    return [
        Loop("commands", partial(send_commands, pool, payment, clock), idle_s=0.2),
        Loop("expiry", partial(expire_appointments, pool, clock), idle_s=1),
        Loop("sweep", partial(sweep_payments, pool, payment, clock), idle_s=15),
        Loop("unfinished", partial(tell_unfinished_payments, pool, clock, unfinished), idle_s=5),
        Loop("reminders", partial(remind_appointments, pool, clock, ahead), idle_s=60),
        Loop("mailboxes", partial(follow_mailboxes, pool, clock), idle_s=60),
        Loop("earlier", partial(offer_freed_slots, pool, catalogues, clock), idle_s=0.5),
        Loop("invitations", partial(clear_invitations, pool, clock), idle_s=3600),
        Loop("rebooking", partial(give_up_rebooking, pool, clock), idle_s=60),
        Loop("masks", partial(extend_masks, pool, clock), idle_s=6 * 3600),
        Loop("prune", partial(delete_old, pool), idle_s=3600),
        Loop("erasure", partial(erase_due, pool, clock), idle_s=3600),
        Loop("open-holds", partial(forget_open_holds, pool, clock), idle_s=600),
        Loop("statistics", partial(fold_statistics, pool), idle_s=5),
        Loop("closed-days", partial(close_days, pool, catalogues, clock), idle_s=3600),
        Loop("webhook-log", partial(forget_old_deliveries, pool, clock), idle_s=3600),
    ]

"""Booking's worker process: what must happen without a request. Nothing that a citizen waits for depends on it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from nats.aio.client import Client

from booking.clients.payment import PaymentClient, open_payment
from booking.settings import Settings, read_payment_api_keys
from booking.usecases.apply_payment import apply_payment_event
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.remind import remind_appointments, tell_unfinished_payments
from booking.usecases.send_commands import send_commands
from booking.usecases.sweep_payments import sweep_payments
from contracts import booking as messages
from contracts import payment as payment_messages
from kit.clock import Clock, system_clock
from kit.events import consume, ensure_stream, open_nats
from kit.outbox import delete_old, publish_batch
from kit.sql import Connection, Pool, open_pool
from kit.worker import Loop, run_loops

DURABLE: Final = "booking"


async def work(settings: Settings) -> None:
    keys = read_payment_api_keys(settings.payment_api_keys_file)
    async with (
        open_pool(settings.database_url) as pool,
        open_nats(settings.nats_url, "booking") as client,
        open_payment(settings.payment_url, keys) as payment,
    ):
        await run_loops([*event_loops(pool, client, system_clock), *clock_loops(settings, pool, payment, system_clock)])


def event_loops(pool: Pool, client: Client, clock: Clock) -> Sequence[Loop]:
    """What is told and what is heard."""
    stream = client.jetstream()

    async def relay() -> int:
        return await publish_batch(pool, stream)

    async def hear_payments() -> None:
        async def handle(connection: Connection, _subject: str, payload: bytes) -> None:
            await apply_payment_event(connection, clock, payload)

        await consume(pool, client, payment_messages.STREAM, DURABLE, handle)

    return [
        Loop("relay", _after_stream(client, relay), idle_s=0.1),
        Loop("payments", hear_payments, idle_s=1),
    ]


def _after_stream(client: Client, relay: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
    """The stream is made by the first step that reaches NATS, so the worker starts without it."""
    is_there = False

    async def step() -> int:
        nonlocal is_there
        if not is_there:
            await ensure_stream(client.jetstream(), messages.STREAM, [messages.SUBJECT_PREFIX + ">"])
            is_there = True
        return await relay()

    return step


def clock_loops(settings: Settings, pool: Pool, payment: PaymentClient, clock: Clock) -> Sequence[Loop]:
    """What is due by time."""
    ahead = timedelta(hours=settings.reminder_ahead_h)
    unfinished = timedelta(minutes=settings.unfinished_after_min)
    return [
        Loop("commands", lambda: send_commands(pool, payment, clock), idle_s=0.2),
        Loop("expiry", lambda: expire_appointments(pool, clock), idle_s=1),
        Loop("sweep", lambda: sweep_payments(pool, payment, clock), idle_s=15),
        Loop("unfinished", lambda: tell_unfinished_payments(pool, clock, unfinished), idle_s=10),
        Loop("reminders", lambda: remind_appointments(pool, clock, ahead), idle_s=60),
        Loop("prune", lambda: delete_old(pool), idle_s=3600),
    ]

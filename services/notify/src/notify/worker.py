"""The worker: hears booking's events, prepares mails, sends them, sweeps."""

from functools import partial

import httpx

from contracts.booking import STREAM
from kit.clock import system_clock
from kit.events import consume, open_nats
from kit.outbox import delete_old
from kit.sql import Pool, open_pool
from kit.trust import public_authorities
from kit.worker import Loop, run_loops
from notify.clients.booking import BookingClient
from notify.mail.breaker import Breaker
from notify.mail.smtp import Line
from notify.settings import Settings
from notify.usecases.prepare_notice import Preparation, prepare_notice
from notify.usecases.send_delivery import Sending, send_delivery
from notify.usecases.sweep import close_old, release_dead_senders
from notify.usecases.take_event import event_taker
from notify.usecases.write_mail import Office

DURABLE = "notify"
PREPARERS = 2
IDLE_S = 0.2
LETTER_TIMEOUT_S = 10


async def work(settings: Settings) -> None:
    """Until SIGTERM. Without NATS, booking or the mail server the other loops go on."""
    lines = [Line(settings.server()) for _ in range(settings.smtp_connections)]
    async with (
        open_pool(settings.database_url, size_max=settings.smtp_connections + 12) as pool,
        httpx.AsyncClient(timeout=LETTER_TIMEOUT_S, verify=public_authorities()) as http,
    ):
        booking = BookingClient(http, settings.booking_url, settings.service_token)
        office = Office(settings.mail_from, settings.link_key)
        preparation = Preparation(pool, booking, system_clock, office)
        await run_loops(
            [
                Loop("hear", partial(_hear, settings, pool), 1),
                *[Loop(f"prepare-{n}", partial(prepare_notice, preparation), IDLE_S) for n in range(PREPARERS)],
                *_senders(settings, pool, lines),
                *_sweeps(pool),
            ]
        )
        for line in lines:
            await line.close()


def _senders(settings: Settings, pool: Pool, lines: list[Line]) -> list[Loop]:
    breaker = Breaker()
    bounce_domain = settings.bounce_domain or settings.mail_from.rpartition("@")[2]
    return [
        Loop(
            f"send-{number}",
            partial(send_delivery, Sending(pool, line, breaker, system_clock, settings.link_key, bounce_domain)),
            IDLE_S,
        )
        for number, line in enumerate(lines)
    ]


def _sweeps(pool: Pool) -> list[Loop]:
    return [
        Loop("release", partial(release_dead_senders, pool, system_clock), 2),
        Loop("close", partial(close_old, pool, system_clock), 600),
        Loop("tidy", partial(delete_old, pool), 3600),
    ]


async def _hear(settings: Settings, pool: Pool) -> None:
    """A connection of its own for each run: NATS may be away when the worker starts, and come later."""
    async with open_nats(settings.nats_url, "notify") as client:
        await consume(pool, client, STREAM, DURABLE, event_taker(system_clock))

"""The worker: hears booking's events, prepares mails, sends them, tells what became of them, sweeps."""

import asyncio
from functools import partial

import httpx

from contracts import notify as messages
from contracts.booking import STREAM
from kit.clock import system_clock
from kit.events import consume, ensure_stream, open_nats
from kit.outbox import BATCH, delete_old, publish_batch
from kit.sql import Pool, open_pool
from kit.trust import public_authorities
from kit.worker import Loop, run_loops
from notify.clients.booking import BookingClient
from notify.mail.accounts import Accounts
from notify.mail.lines import Lines
from notify.mail.patience import Patience
from notify.settings import Settings
from notify.store.claims import BY_INDEX
from notify.usecases.count_settled import count_settled
from notify.usecases.forget_inbound import forget_inbound
from notify.usecases.prepare_notice import Preparation, prepare_notice
from notify.usecases.read_mailbox import Reading, read_mailbox
from notify.usecases.send_delivery import Desk, Sending, send_delivery
from notify.usecases.sweep import close_old, release_dead_senders
from notify.usecases.take_event import event_taker
from notify.usecases.write_digests import write_digests
from notify.usecases.write_mail import Office

DURABLE = "notify"
PREPARERS = 16
IDLE_S = 0.2
LETTER_TIMEOUT_S = 10
DIGESTS_IDLE_S = 30


async def work(settings: Settings) -> None:
    """Until SIGTERM. Without NATS, booking or the mail server the other loops go on."""
    senders = [Lines() for _ in range(settings.smtp_connections)]
    accounts = Accounts(settings.account(), settings.accounts_key)
    async with (
        open_pool(settings.database_url) as pool,
        open_pool(settings.database_url, size_max=settings.smtp_connections + 4, settings=BY_INDEX) as mails,
        httpx.AsyncClient(timeout=LETTER_TIMEOUT_S, verify=public_authorities()) as http,
    ):
        booking = BookingClient(http, settings.booking_url, settings.service_token)
        office = Office(settings.mail_from, settings.link_key, settings.own_pages_url.rstrip("/"))
        preparation = Preparation(mails, booking, system_clock, office)
        await run_loops(
            [
                Loop("hear", partial(_hear, settings, pool), 1),
                Loop("tell", partial(_tell, settings, pool), 1),
                *_answers(settings, pool),
                *[Loop(f"prepare-{n}", partial(prepare_notice, preparation), IDLE_S) for n in range(PREPARERS)],
                Loop("digests", partial(write_digests, preparation), DIGESTS_IDLE_S),
                *_senders(settings, mails, accounts, senders),
                *_sweeps(pool),
            ]
        )
        for lines in senders:
            await lines.close()


def _senders(settings: Settings, pool: Pool, accounts: Accounts, senders: list[Lines]) -> list[Loop]:
    desk = Desk(pool, system_clock)
    return [
        Loop(f"send-{number}", partial(send_delivery, Sending(desk, accounts, lines, settings.link_key)), IDLE_S)
        for number, lines in enumerate(senders)
    ]


def _answers(settings: Settings, pool: Pool) -> list[Loop]:
    """Who reads what comes back, where the house has a mailbox for it."""
    account = settings.mailbox()
    if account is None:
        return []
    reading = Reading(pool, system_clock, settings.link_key, account, Patience(), settings.imap_poll_s)
    return [Loop("answers", partial(read_mailbox, reading), settings.imap_poll_s)]


def _sweeps(pool: Pool) -> list[Loop]:
    return [
        Loop("release", partial(release_dead_senders, pool, system_clock), 2),
        Loop("count", partial(count_settled, pool, system_clock), 10),
        Loop("close", partial(close_old, pool, system_clock), 600),
        Loop("tidy", partial(delete_old, pool), 3600),
        Loop("tidy-answers", partial(forget_inbound, pool, system_clock), 3600),
    ]


async def _hear(settings: Settings, pool: Pool) -> None:
    """A connection of its own for each run: NATS may be away when the worker starts, and come later."""
    async with open_nats(settings.nats_url, "notify") as client:
        await consume(pool, client, STREAM, DURABLE, event_taker(system_clock))


async def _tell(settings: Settings, pool: Pool) -> None:
    """Publish events for ever. Raises when NATS is away; the next run has a connection of its own."""
    async with open_nats(settings.nats_url, "notify-tell") as client:
        stream = client.jetstream()
        await ensure_stream(stream, messages.STREAM, [messages.SUBJECT_PREFIX + ">"])
        while True:
            if await publish_batch(pool, stream) < BATCH:  # many at once cost less, and nobody waits for these
                await asyncio.sleep(IDLE_S)

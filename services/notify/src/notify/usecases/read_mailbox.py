"""Look into the service mailbox: take what is new, and file what needs nobody."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from kit.clock import Clock
from kit.sql import Pool
from notify.mail.imap import ImapAccount, Inbox, MailboxAway, open_inbox
from notify.mail.patience import Patience
from notify.store import inbound
from notify.usecases.take_mail import PASSING, Position, Taking, take_mail

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
"""Of who looks into the mailbox: so long at most it lies unread after one that died."""
KEEP_EVERY_S = 2
"""Calls to the server may take longer than the lease, so it is kept beside them."""


class Reading(NamedTuple):
    pool: Pool
    clock: Clock
    key: str
    account: ImapAccount
    patience: Patience
    rest_s: float = 0
    """So long the mailbox stays open at most between two looks, where its server tells of new mail. 0: one look."""


async def read_mailbox(reading: Reading) -> int:
    """How many mails were taken. A server that tells of new mail is listened to until it goes away; one that is away is
    asked again the next time.
    """
    if not reading.patience.is_over(reading.clock()):
        return 0
    taken = 0
    try:
        async with open_inbox(reading.account) as inbox:
            reading.patience.admit()
            taken += await _look(reading, inbox)
            while reading.rest_s and inbox.tells_of_new:
                await inbox.wait_for_new(reading.rest_s)
                taken += await _look(reading, inbox)
    except MailboxAway as error:
        if error.is_ours:
            reading.patience.refuse(reading.clock())
        log.warning("mailbox not read", extra={"host": reading.account.host, "cause": str(error)})
    return taken


async def _look(reading: Reading, inbox: Inbox) -> int:
    """Nobody looks beside us, and what comes meanwhile is taken too: it may be told to nobody. Raises MailboxAway."""
    reader = uuid4()
    if not await _claim(reading, reader):
        return 0
    taken = 0
    async with _kept(reading, reader):
        while True:
            new = await _take_new(reading, inbox, reader)
            if await _claim(reading, reader):
                await _file_taken(reading, inbox)
            taken += new
            if not new:
                return taken


@asynccontextmanager
async def _kept(reading: Reading, reader: UUID) -> AsyncIterator[None]:
    """The claim, for as long as this lasts; then the mailbox is free."""
    keeping = asyncio.create_task(_keep(reading, reader))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        async with reading.pool.acquire() as connection:
            await inbound.release_mailbox(connection, reading.account.name, reader)


async def _keep(reading: Reading, reader: UUID) -> None:
    while True:
        await asyncio.sleep(KEEP_EVERY_S)
        with suppress(*PASSING):  # the next time; who looks asks for itself before each mail
            await _claim(reading, reader)


async def _claim(reading: Reading, reader: UUID) -> bool:
    """Also to keep it. False: it is somebody else's."""
    now = reading.clock()
    async with reading.pool.acquire() as connection:
        return await inbound.claim_mailbox(connection, reading.account.name, reader, now, now + LEASE)


async def _take_new(reading: Reading, inbox: Inbox, reader: UUID) -> int:
    taken, mailbox = 0, reading.account.name
    async with reading.pool.acquire() as connection:
        cursor = await inbound.lock_cursor(connection, mailbox, inbox.uid_validity, reading.clock())
    for uid in await inbox.list_after(cursor.last_uid):
        raw = await inbox.fetch(uid) if await _claim(reading, reader) else None
        if raw is not None:
            taking = Taking(reading.pool, reading.clock, reading.key)
            taken += await take_mail(taking, Position(mailbox, inbox.uid_validity, uid), raw)
    return taken


async def _file_taken(reading: Reading, inbox: Inbox) -> None:
    """Also what was taken before, by whoever died before filing it."""
    mailbox = reading.account.name
    async with reading.pool.acquire() as connection:
        uids = await inbound.list_to_file(connection, mailbox, inbox.uid_validity)
    if uids:
        await inbox.file(uids)
        async with reading.pool.acquire() as connection:
            await inbound.mark_filed(connection, mailbox, inbox.uid_validity, uids, reading.clock())

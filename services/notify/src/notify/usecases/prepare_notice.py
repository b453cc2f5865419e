"""Turn the next notice into mails: ask booking for the letter, decide what is worth saying, write, store the bytes."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

from contracts.booking import Letter
from kit.clock import Clock
from kit.sql import Connection, Pool, RowMissing
from notify.clients.booking import BookingClient, LetterGone, LetterUnavailable
from notify.domain.addresses import fingerprint
from notify.domain.inviting import InvitationOccasion, invite
from notify.domain.kinds import CLERK_MAIL
from notify.domain.retry import next_asking
from notify.domain.telling import Fact, LetterUnfit, Occasion, decide
from notify.store import deliveries, feeds, notices
from notify.store.appointments import insert_appointment, lock_appointment
from notify.store.deliveries import NewDelivery
from notify.store.notices import Notice
from notify.store.tenants import get_tenant
from notify.store.told import list_told
from notify.usecases.erase_appointment import is_outdated
from notify.usecases.find_style import find_style
from notify.usecases.tell_delivery import News, tell_delivery
from notify.usecases.write_mail import Office, office_of, write_mail

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)


class Preparation(NamedTuple):
    pool: Pool
    booking: BookingClient
    clock: Clock
    office: Office


class Written(NamedTuple):
    letter: Letter | None
    """What was read of the appointment; None: it is gone, or there is none."""
    mails: Sequence[NewDelivery]


async def prepare_notice(preparation: Preparation) -> int:
    """0: none is due."""
    notice = await _claim(preparation)
    if notice is None:
        return 0
    try:
        written = await _write(preparation, notice)
    except LetterGone:
        await _finish(preparation, notice, Written(None, []))
    except (LetterUnavailable, LetterUnfit, RowMissing) as error:
        await _ask_again(preparation, notice, f"{type(error).__name__}: {error}")
    else:
        await _finish(preparation, notice, written)
    return 1


async def _claim(preparation: Preparation) -> Notice | None:
    now = preparation.clock()
    async with preparation.pool.acquire() as connection:
        return await notices.claim_notice(connection, uuid4(), now, now + LEASE)


async def _write(preparation: Preparation, notice: Notice) -> Written:
    """Raises LetterGone, LetterUnavailable, LetterUnfit, RowMissing."""
    if notice.type == "invitation.sent":
        return Written(None, [await _write_invitation(preparation, notice)])
    letter = await preparation.booking.fetch_letter(notice.subject_id)
    async with preparation.pool.acquire() as connection:
        tenant = await get_tenant(connection, notice.tenant)
        office = await office_of(connection, preparation.office, notice.tenant)
        style = await find_style(connection, office.own_pages_url, notice.tenant)
        told = await list_told(connection, notice.subject_id)
    fact = Fact(notice.id, notice.type, notice.version)
    messages = decide(fact, letter, told, lambda address: fingerprint(preparation.office.key, address))
    now = preparation.clock()
    occasions = [Occasion(message, letter, tenant) for message in messages]
    return Written(letter, [write_mail(office, each, notice.occurred_at, now, style) for each in occasions])


async def _write_invitation(preparation: Preparation, notice: Notice) -> NewDelivery:
    letter = await preparation.booking.fetch_invitation(notice.subject_id)
    async with preparation.pool.acquire() as connection:
        tenant = await get_tenant(connection, notice.tenant)
        office = await office_of(connection, preparation.office, notice.tenant)
        style = await find_style(connection, office.own_pages_url, notice.tenant)
    occasion = InvitationOccasion(invite(letter), letter, tenant)
    return write_mail(office, occasion, notice.occurred_at, preparation.clock(), style)


async def _finish(preparation: Preparation, notice: Notice, written: Written) -> None:
    async with preparation.pool.acquire() as connection, connection.transaction():
        await lock_appointment(connection, notice.subject_id)
        if written.letter and await is_outdated(connection, written.letter):
            await notices.move_to_waiting(connection, notice, preparation.clock(), "erased")
            return
        if not await notices.move_to_prepared(connection, notice, len(written.mails)):
            return
        if written.letter:
            await insert_appointment(connection, written.letter, preparation.clock())
            if notice.type in CLERK_MAIL:
                await feeds.grow_revisions(connection, {clerk.clerk_id for clerk in written.letter.clerks})
        for new in written.mails:
            await _store(connection, new, preparation.clock)


async def _store(connection: Connection, new: NewDelivery, clock: Clock) -> None:
    now = clock()
    if not await deliveries.insert_delivery(connection, new, now):
        return
    if new.recipient is None:
        await tell_delivery(connection, News(new, "failed", "address_unusable", address_refused=True), now)
    if new.calendar_uid:
        await deliveries.supersede_older(connection, new, now)


async def _ask_again(preparation: Preparation, notice: Notice, cause: str) -> None:
    now = preparation.clock()
    due_at = next_asking(notice.tries, now, notice.created_at)
    log.warning("letter not ready", extra={"notice": str(notice.id), "cause": cause, "tries": notice.tries})
    async with preparation.pool.acquire() as connection:
        if due_at is None:
            await notices.move_to_failed(connection, notice, cause)
        else:
            await notices.move_to_waiting(connection, notice, due_at, cause)

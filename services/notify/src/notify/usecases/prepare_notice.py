"""Turn the next notice into mails: ask booking for the letter, decide what is worth saying, write, store the bytes.

Each preparer has one notice in hand, and its fault is no other's; what several of a worker have to ask the database
and to say to it at the same time, they ask and say together (`Preparation`).
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from contracts.booking import LETTERS_MAX, Letter
from contracts.tenant import TenantProfile
from kit.batches import Batches
from kit.clock import Clock
from kit.sql import Pool, RowMissing
from notify.clients.booking import BookingClient, LetterGone, LetterUnavailable
from notify.domain.addresses import fingerprint
from notify.domain.former import former_start
from notify.domain.inviting import InvitationOccasion, invite
from notify.domain.retry import next_asking
from notify.domain.telling import Fact, LetterUnfit, Occasion, Told, decide
from notify.mail.style import Style
from notify.store import notices
from notify.store.notices import Notice
from notify.store.tenants import get_tenant
from notify.store.told import list_told, list_told_starts
from notify.usecases.find_style import find_style
from notify.usecases.finish_notices import Written, finish_notices
from notify.usecases.write_mail import Office, office_of, write_mail

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)


class Known(NamedTuple):
    """What we know by ourselves: who writes, how, and what was said already."""

    tenant: TenantProfile
    office: Office
    style: Style
    told: Sequence[Told]


class Preparation:
    """What the preparers of a worker share."""

    def __init__(self, pool: Pool, booking: BookingClient, clock: Clock, office: Office) -> None:
        self.pool, self.booking, self.clock, self.office = pool, booking, clock, office
        self._claims = Batches[None, None, Notice | None](self._claim)
        self._letters = Batches[None, UUID, Letter](self._fetch, at_once=2, size_max=LETTERS_MAX)
        self._readings = Batches[str, UUID, Known](self._read)
        self._ends = Batches[None, Written, None](self._finish)

    async def claim(self) -> Notice | None:
        return await self._claims.take(None, None)

    async def fetch(self, notice: Notice) -> Letter:
        """Raises LetterGone, LetterUnavailable."""
        return await self._letters.take(None, notice.subject_id)

    async def read(self, notice: Notice) -> Known:
        """Raises RowMissing: the tenant is not known yet."""
        return await self._readings.take(notice.tenant, notice.subject_id)

    async def find_former_start(self, letter: Letter) -> datetime | None:
        async with self.pool.acquire() as connection:
            return former_start(await list_told_starts(connection, letter.citizen.calendar), letter)

    async def finish(self, written: Written) -> None:
        await self._ends.take(None, written)

    async def _claim(self, _: None, preparers: Sequence[None]) -> Sequence[Notice | None]:
        now = self.clock()
        async with self.pool.acquire() as connection:
            claimed = await notices.claim_notices(connection, now, now + LEASE, len(preparers))
        return [*claimed, *[None] * (len(preparers) - len(claimed))]

    async def _fetch(self, _: None, appointment_ids: Sequence[UUID]) -> Sequence[Letter | Exception]:
        return await self.booking.fetch_letters(appointment_ids)

    async def _read(self, tenant: str, subject_ids: Sequence[UUID]) -> Sequence[Known]:
        async with self.pool.acquire() as connection:
            profile = await get_tenant(connection, tenant)
            office = await office_of(connection, self.office, tenant)
            style = await find_style(connection, office.own_pages_url, tenant)
            told = await list_told(connection, set(subject_ids))
        return [Known(profile, office, style, told[id_]) for id_ in subject_ids]

    async def _finish(self, _: None, written: Sequence[Written]) -> Sequence[None]:
        await finish_notices(self.pool, self.clock, written)
        return [None] * len(written)


async def prepare_notice(preparation: Preparation) -> int:
    """0: none is due."""
    notice = await preparation.claim()
    if notice is None:
        return 0
    try:
        written = await write_notice(preparation, notice)
    except LetterGone:
        await preparation.finish(Written(notice, None, []))
    except (LetterUnavailable, LetterUnfit, RowMissing) as error:
        await _ask_again(preparation, notice, f"{type(error).__name__}: {error}")
    else:
        await preparation.finish(written)
    return 1


async def write_notice(preparation: Preparation, notice: Notice) -> Written:
    """Raises LetterGone, LetterUnavailable, LetterUnfit, RowMissing."""
    if notice.type == "invitation.sent":
        return await _write_invitation(preparation, notice)
    letter = await preparation.fetch(notice)
    known = await preparation.read(notice)
    fact = Fact(notice.id, notice.type, notice.version)
    hashed = partial(fingerprint, preparation.office.key)
    messages = decide(fact, letter, known.told, hashed, known.tenant.clerk_language)
    is_change = any(message.kind == "changed" for message in messages)
    former = await preparation.find_former_start(letter) if is_change else None
    now = preparation.clock()
    occasions = [Occasion(message, letter, known.tenant, former) for message in messages]
    mails = [write_mail(known.office, each, notice.occurred_at, now, known.style) for each in occasions]
    return Written(notice, letter, mails)


async def _write_invitation(preparation: Preparation, notice: Notice) -> Written:
    letter = await preparation.booking.fetch_invitation(notice.subject_id)
    known = await preparation.read(notice)
    occasion = InvitationOccasion(invite(letter), letter, known.tenant)
    return Written(
        notice, None, [write_mail(known.office, occasion, notice.occurred_at, preparation.clock(), known.style)]
    )


async def _ask_again(preparation: Preparation, notice: Notice, cause: str) -> None:
    now = preparation.clock()
    due_at = next_asking(notice.tries, now, notice.created_at)
    log.warning("letter not ready", extra={"notice": str(notice.id), "cause": cause, "tries": notice.tries})
    async with preparation.pool.acquire() as connection:
        if due_at is None:
            await notices.move_to_failed(connection, notice, cause)
        else:
            await notices.move_to_waiting(connection, notice, due_at, cause)

"""Store the mails that notices became: one transaction for all that are written at the same time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.booking import Letter
from kit.clock import Clock
from kit.sql import Connection, Pool
from notify.domain.kinds import CLERK_MAIL, TASK_MAY_END
from notify.store import deliveries, feeds, notices
from notify.store.appointments import insert_appointments, lock_appointments
from notify.store.deliveries import NewDelivery
from notify.store.notices import Notice
from notify.store.superseding import drop_needless_tasks, supersede_older
from notify.usecases.tell_delivery import News, tell_deliveries


class Written(NamedTuple):
    notice: Notice
    letter: Letter | None
    """What was read of the appointment; None: it is gone, or there is none."""
    mails: Sequence[NewDelivery]


async def finish_notices(pool: Pool, clock: Clock, written: Sequence[Written]) -> None:
    now = clock()
    async with pool.acquire() as connection, connection.transaction():
        erased = await lock_appointments(connection, {one.notice.subject_id for one in written})
        for one in written:
            if _is_outdated(one, erased.get(one.notice.subject_id)):
                await notices.move_to_waiting(connection, one.notice, now, "erased")
        held = await notices.move_to_prepared(connection, [(one.notice, len(one.mails)) for one in written])
        await _store(connection, [one for one in written if one.notice.claim in held], now)


def _is_outdated(written: Written, erased_version: int | None) -> bool:
    """The letter was read before the person was forgotten."""
    return bool(written.letter and erased_version is not None and written.letter.version < erased_version)


async def _store(connection: Connection, written: Sequence[Written], now: datetime) -> None:
    if letters := [one.letter for one in written if one.letter]:
        await insert_appointments(connection, letters, now)
    if ended := [one.letter for one in written if one.letter and one.notice.type in TASK_MAY_END]:
        await drop_needless_tasks(connection, ended, now)
    if clerks := {clerk for one in written for clerk in _clerks_of(one)}:
        await feeds.grow_revisions(connection, clerks)
    if not (mails := [mail for one in written for mail in one.mails]):
        return
    new = await deliveries.insert_deliveries(connection, mails, now)
    unusable = [News(mail, "failed", "address_unusable", address_refused=True) for mail in new if not mail.recipient]
    await tell_deliveries(connection, unusable, now)
    if entries := [mail for mail in new if mail.calendar_uid]:
        await supersede_older(connection, entries, now)


def _clerks_of(written: Written) -> set[UUID]:
    """Whose feeds it changes."""
    if written.letter is None or written.notice.type not in CLERK_MAIL:
        return set()
    return {clerk.clerk_id for clerk in written.letter.clerks}

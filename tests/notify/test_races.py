"""Two who write in the same moment, each in a transaction of its own: the other one is held at its lock, seen to wait,
and let go.
"""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from tests.notify.agendas import a_visit, an_agenda
from tests.notify.conftest import Notify
from tests.notify.letters import START, TENANT, a_citizen, a_letter, an_event, at_sequence
from tests.support.waiting import eventually

from contracts.tenant import TenantsFile
from kit.sql import Pool
from notify.domain.pausing import Pause
from notify.domain.sending import Outcome
from notify.store.claims import Claimed
from notify.store.deliveries import NewDelivery, insert_delivery
from notify.store.digests import insert_digest_day
from notify.store.pauses import upsert_pause
from notify.store.superseding import supersede_older
from notify.usecases.configure import configure
from notify.usecases.prepare_notice import write_notice
from notify.usecases.take_event import take_event

NAME = b"Erika Mustermann"
ERASED = an_event("appointment.erased", a_letter(version=9, state="completed"))
NAMED = an_agenda(a_visit(citizen=NAME.decode()), channel="digest")


async def waiting(pool: Pool, work: Awaitable[object], waiters: int = 1) -> asyncio.Future[object]:
    """The work, once so many wait for a lock."""
    begun = asyncio.ensure_future(work)

    async def waits() -> bool:
        found: int = await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return begun.done() or found >= waiters

    await eventually(waits)
    return begun


@pytest.fixture
async def named(notify: Notify) -> Notify:
    """An hour before a visit that a digest is to tell a clerk of, with the citizen's name."""
    await configure(notify.pool, TenantsFile((msgspec.structs.replace(TENANT, clerk_calendars_name_citizens=True),)))
    await notify.hear("appointment.confirmed", a_letter(clerks=(), citizen=a_citizen(email=None, phone="1")))
    await notify.prepare()
    notify.clock.now = START - timedelta(hours=1)
    notify.booking.agendas = (NAMED,)
    return notify


async def erase(notify: Notify) -> None:
    async with notify.pool.acquire() as connection, connection.transaction():
        await take_event(connection, ERASED, notify.clock)


async def tells_of(notify: Notify) -> tuple[int, bool]:
    """How many mails went out, and whether one of them, or of those kept, names the citizen."""
    await notify.send()
    kept = [row["message"] for row in await notify.pool.fetch("SELECT message FROM delivery") if row["message"]]
    sent = [data for _, _, data in notify.mail.taken]
    return len(sent), any(NAME in data for data in [*kept, *sent])


async def test_a_digest_begun_while_its_person_is_being_erased_does_not_name_them(named: Notify) -> None:
    async with named.pool.acquire() as connection, connection.transaction():
        await take_event(connection, ERASED, named.clock)
        digest = await waiting(named.pool, named.digest())
    assert await digest == 1
    assert await tells_of(named) == (1, False)


async def test_an_erasure_heard_while_a_digest_is_being_written_forgets_that_digest(named: Notify) -> None:
    async with named.pool.acquire() as connection:
        held = connection.transaction()
        await held.start()
        await insert_digest_day(connection, TENANT.slug, START.date(), named.clock())  # the digest waits for this row
        digest = await waiting(named.pool, named.digest())
        erasure = await waiting(named.pool, erase(named), waiters=2)
        await held.rollback()
    assert await digest == 1
    await erasure
    assert await tells_of(named) == (0, False)


async def test_so_it_is_where_the_erasure_is_the_first_that_is_heard_of_a_visit(named: Notify) -> None:
    """Events overtake each other: then there is no row of the appointment that could be locked."""
    unheard = UUID(int=7)
    visit = a_visit(citizen=NAME.decode(), appointment_id=unheard)
    named.booking.agendas = (an_agenda(visit, channel="digest"),)
    async with named.pool.acquire() as connection, connection.transaction():
        await take_event(connection, msgspec.structs.replace(ERASED, appointment_id=unheard), named.clock)
        digest = await waiting(named.pool, named.digest())
    assert await digest == 1
    assert await tells_of(named) == (1, False)


MOVED = at_sequence(a_letter(clerks=()), 1)


async def claim(notify: Notify) -> Claimed:
    """A confirmation, in a sender's hands, while the visit is moved."""
    await notify.hear("appointment.confirmed", a_letter(clerks=()))
    await notify.prepare()
    claimed = await notify.sending.desk.claim()
    assert isinstance(claimed, Claimed)
    await notify.hear("appointment.moved", MOVED)
    return claimed


async def the_newer(notify: Notify) -> NewDelivery:
    notice = await notify.preparation.claim()
    assert notice
    (mail,) = (await write_notice(notify.preparation, notice)).mails
    return mail


async def test_a_newer_mail_written_before_the_older_is_put_down_goes_at_once(notify: Notify) -> None:
    claimed, newer = await claim(notify), await the_newer(notify)
    async with notify.pool.acquire() as connection, connection.transaction():
        await insert_delivery(connection, newer, notify.clock())
        await supersede_older(connection, [newer], notify.clock())
        settling = await waiting(notify.pool, notify.sending.desk.settle(claimed, Outcome("deferred", 451)))
    await settling
    await notify.send()
    assert await notify.states() == [("confirmation", "suppressed"), ("changed", "accepted")]


async def test_a_newer_mail_written_while_the_older_is_put_down_goes_at_once(notify: Notify) -> None:
    claimed = await claim(notify)
    async with notify.pool.acquire() as connection:
        held = connection.transaction()
        await held.start()
        await upsert_pause(connection, "", Pause("slow_down", 1, notify.clock()), notify.clock())
        slow = Outcome("deferred", 421, slow_down=True)
        settling = await waiting(notify.pool, notify.sending.desk.settle(claimed, slow))  # for the pause's row
        preparing = await waiting(notify.pool, notify.prepare(), waiters=2)
        await held.rollback()
    await settling
    await preparing
    assert await notify.states() == [("confirmation", "suppressed"), ("changed", "queued")]

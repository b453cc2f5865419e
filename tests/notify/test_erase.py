"""The person of an appointment is forgotten, in whatever state their mails are; the clerk is told all the same."""

from datetime import timedelta

import msgspec
import pytest
from tests.notify.agendas import a_visit, an_agenda
from tests.notify.conftest import Notify
from tests.notify.letters import LETTER, START, TENANT, a_citizen, a_letter, at_sequence
from tests.notify.reading import calendar_of, read
from tests.support.database import Database
from tests.support.scan import Trace, scan_database

from contracts.tenant import TenantsFile
from notify.domain.sending import Outcome, Result
from notify.store.claims import Claimed
from notify.store.erasure import save_erased
from notify.usecases.claim_deliveries import LEASE
from notify.usecases.configure import configure
from notify.usecases.prepare_notice import write_notice
from notify.usecases.sweep import close_old

WORDS = ["Erika Mustermann", "erika.mustermann@example.org", "e…@example.org"]
FOR_CITIZEN = a_letter(clerks=())
ERASED = a_letter(version=9, state="completed")


async def scan(database: Database) -> set[Trace]:
    return await scan_database("notify", database.owner_url, WORDS)


async def erase(notify: Notify) -> None:
    """The event, and no letter any more."""
    await notify.hear("appointment.erased", ERASED)
    notify.booking.letter = None


async def test_nothing_is_left_of_what_was_sent(notify: Notify, notify_database: Database) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    assert {trace.word for trace in await scan(notify_database)} == set(WORDS)
    await erase(notify)
    assert await scan(notify_database) == set()
    assert await notify.states() == [("confirmation", "accepted"), ("invite", "accepted")]  # that it was, stays


async def test_what_waits_is_not_sent_any_more(notify: Notify, notify_database: Database) -> None:
    notify.mail.data.append("451 later")
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    await notify.hear("appointment.reminder_due", FOR_CITIZEN)
    await notify.prepare()
    await erase(notify)
    assert await notify.states() == [("confirmation", "suppressed"), ("reminder", "suppressed")]
    notify.clock.pass_by(hours=3)
    await notify.prepare()
    await notify.send()
    assert (notify.mail.taken, await scan(notify_database)) == ([], set())


async def test_an_address_that_was_refused_is_forgotten_too(notify: Notify, notify_database: Database) -> None:
    notify.mail.rcpt.append("550 5.1.1 No such user <erika.mustermann@example.org>")
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    assert await notify.pool.fetchval("SELECT count(*) FROM suppression") == 1
    await erase(notify)
    assert await notify.pool.fetchval("SELECT count(*) FROM suppression") == 0
    assert await scan(notify_database) == set()


@pytest.mark.parametrize("result", ["accepted", "address_refused", "deferred"])
async def test_a_mail_in_a_senders_hands_is_forgotten_when_it_is_put_down(
    notify: Notify, notify_database: Database, result: Result
) -> None:
    await notify.hear("appointment.confirmed", FOR_CITIZEN)
    await notify.prepare()
    claimed = await notify.sending.desk.claim()
    assert isinstance(claimed, Claimed)
    await erase(notify)
    await notify.sending.desk.settle(claimed, Outcome(result))
    assert await scan(notify_database) == set()
    assert await notify.pool.fetchval("SELECT count(*) FROM suppression") == 0
    await notify.send()
    assert notify.mail.taken == []


async def claim_digest(notify: Notify) -> Claimed:
    """Of a tenant that wants its citizens named to clerks."""
    await configure(notify.pool, TenantsFile((msgspec.structs.replace(TENANT, clerk_calendars_name_citizens=True),)))
    await notify.hear("appointment.confirmed", a_letter(clerks=(), citizen=a_citizen(email=None, phone="1")))
    await notify.prepare()
    notify.clock.now = START - timedelta(hours=1)
    notify.booking.agendas = (an_agenda(a_visit(citizen="Erika Mustermann"), channel="digest"),)
    assert await notify.digest() == 1
    claimed = await notify.sending.desk.claim()
    assert isinstance(claimed, Claimed)
    return claimed


@pytest.mark.parametrize(
    ("result", "state"), [("accepted", "accepted"), ("address_refused", "failed"), ("deferred", "suppressed")]
)
async def test_a_digest_in_a_senders_hands_is_forgotten_when_it_is_put_down(
    notify: Notify, notify_database: Database, result: Result, state: str
) -> None:
    claimed = await claim_digest(notify)
    await erase(notify)
    assert {trace.word for trace in await scan(notify_database)} == {"Erika Mustermann"}
    await notify.sending.desk.settle(claimed, Outcome(result))
    assert await scan(notify_database) == set()
    assert await notify.pool.fetchval("SELECT state FROM delivery") == state
    refused = await notify.pool.fetchval("SELECT count(*) FROM suppression")
    assert refused == (result == "address_refused")  # the clerk's address, which nobody has asked to forget


@pytest.mark.parametrize("result", ["accepted", "deferred"])
async def test_a_digest_put_down_in_the_moment_in_which_its_person_is_forgotten_is_forgotten_later(
    notify: Notify, notify_database: Database, result: Result
) -> None:
    claimed = await claim_digest(notify)
    await notify.sending.desk.settle(claimed, Outcome(result))
    async with notify.pool.acquire() as connection:  # and it was in hand when mails were sought
        await save_erased(connection, LETTER.appointment_id, ERASED.version)
    await close_old(notify.pool, notify.clock)
    assert await scan(notify_database) == set()
    assert await notify.digest() == (result == "deferred"), "the clerk still has none"


async def test_a_mail_whose_sender_died_is_forgotten(notify: Notify, notify_database: Database) -> None:
    await notify.hear("appointment.confirmed", FOR_CITIZEN)
    await notify.prepare()
    await notify.sending.desk.claim()
    await erase(notify)
    notify.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    await notify.release()
    assert await notify.states() == [("confirmation", "suppressed")]
    assert await scan(notify_database) == set()


async def test_a_letter_read_before_becomes_no_mail_afterwards(notify: Notify, notify_database: Database) -> None:
    """Booking forgot the person between our reading and our writing."""
    await notify.hear("appointment.confirmed", FOR_CITIZEN)
    notice = await notify.preparation.claim()
    assert notice
    written = await write_notice(notify.preparation, notice)
    assert written.mails
    await erase(notify)
    await notify.preparation.finish(written)
    await notify.prepare()
    await notify.send()
    assert (await notify.listed(), notify.mail.taken) == ([], [])
    assert await scan(notify_database) == set()


async def test_the_clerk_hears_of_a_visit_that_was_cancelled_to_be_forgotten(
    notify: Notify, notify_database: Database
) -> None:
    """In either order: events may overtake each other."""
    await notify.tell("appointment.confirmed", LETTER)
    nobody = a_citizen(name="", email=None)
    gone = at_sequence(a_letter(citizen=nobody, manage_url=""), 1, state="cancelled_by_citizen")
    await notify.hear("appointment.erased", gone)
    await notify.hear("appointment.cancelled", gone)
    await notify.prepare()
    await notify.send()
    assert [kind for kind, _ in await notify.states()] == ["confirmation", "invite", "withdrawal"]
    assert calendar_of(read(notify.mail.taken[-1][2]))["METHOD"] == "CANCEL"
    assert await scan(notify_database) == set()

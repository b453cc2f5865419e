"""The person of an appointment is forgotten, in whatever state their mails are; the clerk is told all the same."""

import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import LETTER, a_citizen, a_letter, at_sequence
from tests.notify.reading import calendar_of, read
from tests.support.database import Database
from tests.support.scan import Trace, scan_database

from notify.domain.sending import Outcome
from notify.store.deliveries import Claimed
from notify.usecases.prepare_notice import _claim, _finish, _write
from notify.usecases.send_delivery import LEASE, claim_next, settle_delivery

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
    notify: Notify, notify_database: Database, result: str
) -> None:
    await notify.hear("appointment.confirmed", FOR_CITIZEN)
    await notify.prepare()
    claimed = await claim_next(notify.pool, notify.clock)
    assert isinstance(claimed, Claimed)
    await erase(notify)
    await settle_delivery(notify.sending, claimed, Outcome(result, None))  # type: ignore[arg-type] # one of its words
    assert await scan(notify_database) == set()
    assert await notify.pool.fetchval("SELECT count(*) FROM suppression") == 0
    await notify.send()
    assert notify.mail.taken == []


async def test_a_mail_whose_sender_died_is_forgotten(notify: Notify, notify_database: Database) -> None:
    await notify.hear("appointment.confirmed", FOR_CITIZEN)
    await notify.prepare()
    await claim_next(notify.pool, notify.clock)
    await erase(notify)
    notify.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    await notify.release()
    assert await notify.states() == [("confirmation", "suppressed")]
    assert await scan(notify_database) == set()


async def test_a_letter_read_before_becomes_no_mail_afterwards(notify: Notify, notify_database: Database) -> None:
    """Booking forgot the person between our reading and our writing."""
    await notify.hear("appointment.confirmed", FOR_CITIZEN)
    notice = await _claim(notify.preparation)
    assert notice
    written = await _write(notify.preparation, notice)
    assert written.mails
    await erase(notify)
    await _finish(notify.preparation, notice, written)
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

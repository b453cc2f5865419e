"""A digest that waits names somebody who is then forgotten: its clerk gets the day's list all the same."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from tests.notify.agendas import a_visit, an_agenda
from tests.notify.conftest import Notify
from tests.notify.letters import CLERK, END, LETTER, START, TENANT, a_citizen, a_letter
from tests.notify.reading import read, text_of
from tests.support.database import Database
from tests.support.scan import scan_database

from contracts.booking import CalendarEntry
from contracts.tenant import TenantsFile
from notify.domain.sending import Outcome, Result
from notify.store.claims import Claimed
from notify.usecases.configure import configure
from notify.usecases.sweep import close_old

ERIKA = a_visit(citizen="Erika Mustermann")
MAX = a_visit(
    appointment_id=UUID(int=77),
    calendar=CalendarEntry(uid="clerk-7@heinsberg.example", sequence=0),
    number="HS-9X9X",
    start=START + timedelta(hours=2),
    end=END + timedelta(hours=2),
    citizen="Max Berger",
)
OTHER = "other@heinsberg.example"


async def write(notify: Notify, language: str = "de") -> None:
    """The morning's digest of both visits, and one of a colleague who sees Max alone."""
    profile = msgspec.structs.replace(TENANT, clerk_calendars_name_citizens=True, clerk_language=language)
    await configure(notify.pool, TenantsFile((profile,)))
    await notify.hear("appointment.confirmed", a_letter(clerks=(), citizen=a_citizen(email=None, phone="1")))
    await notify.prepare()
    notify.clock.now = START - timedelta(hours=1)
    colleague = an_agenda(MAX, channel="digest", email=OTHER, clerk_id=UUID(int=6))
    notify.booking.agendas = (an_agenda(ERIKA, MAX, channel="digest"), colleague)
    assert await notify.digest() == 2


async def erase(notify: Notify) -> None:
    """Booking's answer may have been on its way when it forgot the person: it still has the name."""
    await notify.hear("appointment.erased", a_letter(version=9))
    notify.booking.letter = None


async def scan(database: Database) -> bool:
    return bool(await scan_database("notify", database.owner_url, ["Erika Mustermann"]))


@pytest.mark.parametrize(("language", "subject"), [("de", "Ihre Termine am"), ("en", "Your appointments on")])
async def test_it_is_written_anew_without_the_name(
    notify: Notify, notify_database: Database, language: str, subject: str
) -> None:
    await write(notify, language)
    assert await scan(notify_database)
    await erase(notify)
    assert not await scan(notify_database)
    assert [await notify.digest() for _ in range(2)] == [1, 0]
    await notify.send()
    assert sorted(to for _, to, _ in notify.mail.taken) == [CLERK.email, OTHER]
    (own,) = [read(data) for _, to, data in notify.mail.taken if to == CLERK.email]
    text = text_of(own)
    assert subject in own["Subject"]
    assert [word in text for word in (LETTER.number, "HS-9X9X", "Max Berger", "Erika")] == [True, True, True, False]
    assert not await scan(notify_database)


async def test_one_that_was_sent_is_not_told_twice(notify: Notify, notify_database: Database) -> None:
    await write(notify)
    await notify.send()
    await erase(notify)
    assert await notify.digest() == 0
    assert not await scan(notify_database)


@pytest.mark.parametrize(("result", "again"), [("deferred", 1), ("unknown", 1), ("accepted", 0)])
async def test_one_in_a_senders_hands_is_written_anew_if_it_comes_back(
    notify: Notify, notify_database: Database, result: Result, again: int
) -> None:
    await write(notify)
    claimed = await notify.sending.desk.claim()
    assert isinstance(claimed, Claimed)
    assert claimed.recipient == CLERK.email
    await erase(notify)
    assert await notify.digest() == 0
    await notify.sending.desk.settle(claimed, Outcome(result))
    assert not await scan(notify_database)
    assert await notify.digest() == again


async def test_who_got_visits_since_or_lost_the_only_one_gets_none(notify: Notify) -> None:
    await write(notify)
    await erase(notify)
    late = an_agenda(MAX, channel="digest", email="late@heinsberg.example", clerk_id=UUID(int=8))
    notify.booking.agendas = (late,)
    assert await notify.digest() == 0
    await notify.send()
    assert [to for _, to, _ in notify.mail.taken] == [OTHER]


async def test_while_booking_is_away_it_comes_later(notify: Notify) -> None:
    await write(notify)
    await erase(notify)
    notify.booking.status = 500
    with pytest.raises(Exception, match="http_500"):
        await notify.digest()
    notify.booking.status = None
    assert await notify.digest() == 1


async def test_what_nobody_wrote_that_day_is_not_kept(notify: Notify) -> None:
    await write(notify)
    await erase(notify)
    assert await notify.pool.fetchval("SELECT count(*) FROM digest_again") == 1
    notify.clock.pass_by(hours=24 * 31)
    await close_old(notify.pool, notify.clock)
    assert await notify.pool.fetchval("SELECT count(*) FROM digest_again") == 0

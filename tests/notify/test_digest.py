"""One mail a day: when it is due, what it says, and that it comes once."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from tests.notify.agendas import a_visit, an_agenda
from tests.notify.conftest import Notify
from tests.notify.letters import CLERK, END, LETTER, START, TENANT, a_clerk, a_letter
from tests.notify.reading import calendar_of, read, shape, text_of

from contracts.booking import CalendarEntry
from contracts.tenant import TenantsFile
from notify.domain.digest import due_days, rest_of
from notify.usecases.configure import configure
from notify.usecases.write_digests import write_digests

EVENING = msgspec.structs.replace(TENANT, clerk_digest="evening")
MORNING = datetime(2027, 3, 29, 5, 0, tzinfo=UTC)
"""07:00 of the visit's day, the day after the clocks went forward."""
SECOND = a_visit(
    calendar=CalendarEntry(uid="clerk-9@heinsberg.example", sequence=0),
    number="HS-9X9X",
    start=START + timedelta(hours=2),
    end=END + timedelta(hours=2),
)


@pytest.mark.parametrize(
    ("tenant", "now", "days"),
    [
        (TENANT, datetime(2027, 3, 29, 4, 59, tzinfo=UTC), []),
        (TENANT, datetime(2027, 3, 29, 5, 0, tzinfo=UTC), [date(2027, 3, 29)]),
        (TENANT, datetime(2027, 3, 28, 5, 0, tzinfo=UTC), [date(2027, 3, 28)]),  # 07:00 of the summer that began at 2
        (TENANT, datetime(2027, 3, 29, 21, 59, tzinfo=UTC), [date(2027, 3, 29)]),
        (EVENING, datetime(2027, 3, 28, 15, 59, tzinfo=UTC), [date(2027, 3, 28)]),
        (EVENING, datetime(2027, 3, 28, 16, 0, tzinfo=UTC), [date(2027, 3, 28), date(2027, 3, 29)]),
        (EVENING, datetime(2027, 10, 30, 16, 0, tzinfo=UTC), [date(2027, 10, 30), date(2027, 10, 31)]),
    ],
)
def test_it_is_due_by_the_tenants_clock(tenant: object, now: datetime, days: list[date]) -> None:
    assert due_days(tenant, now) == days  # type: ignore[arg-type]


def test_a_day_may_have_23_or_25_hours() -> None:
    for day, hours in ((date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2027, 3, 29), 24)):
        span = rest_of(day, TENANT, datetime(2027, 1, 1, tzinfo=UTC))
        assert span.until - span.since == timedelta(hours=hours)


@pytest.fixture
def morning(notify: Notify) -> Notify:
    notify.clock.now = MORNING
    notify.booking.agendas = (an_agenda(a_visit(), SECOND, channel="digest"),)
    return notify


async def test_the_days_visits_come_in_one_mail(morning: Notify) -> None:
    assert await morning.digest() == 1
    await morning.send()
    ((_, recipient, data),) = morning.mail.taken
    mail = read(data)
    assert recipient == CLERK.email
    assert mail["Subject"] == "Ihre Termine am Mo., 29.03.: 2"
    assert shape(mail) == ("alternative", "text/plain", "text/html")
    text, html = text_of(mail), text_of(mail, "html")
    for span, number in (("10:00–10:20", "HS-7K2M"), ("12:00–12:20", "HS-9X9X")):
        lines = [span, "2 × Personalausweis beantragen", f"{number} · Raum 12"]
        assert "\n  ".join(lines) in text.replace("\r\n", "\n")
        assert f"<strong>{span}</strong><br>{'<br>'.join(lines[1:])}</li>" in html
    assert "Mustermann" not in data.decode()


async def test_it_comes_once_whoever_tries_and_whatever_dies(morning: Notify) -> None:
    await asyncio.gather(*(write_digests(morning.preparation) for _ in range(4)))
    morning.clock.pass_by(hours=3)
    await morning.digest()
    await morning.send()
    assert len(morning.mail.taken) == 1


async def test_after_one_that_was_refused_the_next_days_comes(morning: Notify) -> None:
    morning.mail.rcpt.append("550 5.1.1 No such user")
    await morning.digest()
    await morning.send()
    assert (morning.mail.taken, await morning.pool.fetchval("SELECT count(*) FROM suppression")) == ([], 1)
    tomorrow = START + timedelta(days=1)
    morning.clock.now = MORNING + timedelta(days=1)
    morning.booking.agendas = (an_agenda(a_visit(start=tomorrow, end=tomorrow + timedelta(hours=1)), channel="digest"),)
    await morning.digest()
    await morning.send()
    assert [to for _, to, _ in morning.mail.taken] == [CLERK.email]
    assert await morning.pool.fetchval("SELECT count(*) FROM suppression") == 0  # the address is well


async def test_while_booking_is_away_the_day_stays_unwritten_and_comes_later(morning: Notify) -> None:
    morning.booking.status = 500
    with pytest.raises(Exception, match="http_500"):
        await morning.digest()
    morning.booking.status = None
    assert await morning.digest() == 1


async def test_a_day_without_visits_is_silent(morning: Notify) -> None:
    morning.booking.agendas = ()
    assert await morning.digest() == 0
    morning.booking.agendas = (an_agenda(a_visit(), channel="digest"),)
    assert await morning.digest() == 0  # what is booked later shows the day's list
    assert morning.booking.asked == [morning.booking.asked[0]]


async def test_at_night_it_waits_for_the_morning_but_never_past_the_visits(notify: Notify) -> None:
    """The worker was away in the evening."""
    await configure(notify.pool, TenantsFile((EVENING,)))
    notify.clock.now = datetime(2027, 5, 4, 22, 30, tzinfo=UTC)
    eight, fourteen = (datetime(2027, 5, 5, hour, tzinfo=UTC) for hour in (6, 12))
    early = a_visit(start=eight, end=eight + timedelta(minutes=20))
    other = an_agenda(early, channel="digest", email="early@heinsberg.example", clerk_id=LETTER.appointment_id)
    late = a_visit(start=fourteen, end=fourteen + timedelta(minutes=20))
    notify.booking.agendas = (an_agenda(late, channel="digest"), other)
    await notify.digest()
    await notify.send()
    assert [to for _, to, _ in notify.mail.taken] == ["early@heinsberg.example"]
    notify.clock.now = datetime(2027, 5, 5, 5, 0, tzinfo=UTC)
    await notify.send()
    assert [to for _, to, _ in notify.mail.taken][1:] == [CLERK.email]


async def test_who_chose_it_is_not_invited(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", a_letter(clerks=(a_clerk(channel="digest"),)))
    assert [kind for kind, _ in await notify.states()] == ["confirmation"]


async def test_who_was_invited_hears_of_that_visit_by_invitation_to_its_end(morning: Notify) -> None:
    await morning.tell("appointment.confirmed", LETTER)
    await morning.digest()
    later = {"start": START + timedelta(hours=1), "end": END + timedelta(hours=1)}
    clerk = a_clerk(channel="digest", calendar=CalendarEntry(uid=CLERK.calendar.uid, sequence=1), **later)
    await morning.tell("appointment.moved", a_letter(clerks=(clerk,), version=4, **later))
    gone = msgspec.structs.replace(clerk, live=False, calendar=CalendarEntry(uid=CLERK.calendar.uid, sequence=2))
    await morning.tell("appointment.cancelled", a_letter(clerks=(gone,), version=5, state="cancelled_by_citizen"))
    own = [read(data) for _, to, data in morning.mail.taken if to == CLERK.email]
    digest = next(mail for mail in own if "Ihre Termine" in mail["Subject"])
    assert LETTER.number not in text_of(digest)
    assert "schon in Ihrem Kalender stehen: 1." in text_of(digest)
    assert [mail["Subject"].split()[0] for mail in own if mail is not digest] == ["Termin", "Geändert:", "Entfällt:"]


async def test_who_wants_invitations_again_is_invited_and_the_citizen_hears_nothing(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", a_letter(clerks=(a_clerk(channel="feed"),)))
    for _ in range(2):
        await notify.tell("appointment.invite_due", LETTER)
    assert [kind for kind, _ in await notify.states()] == ["confirmation", "invite"]


async def test_citizens_are_named_only_where_the_tenant_wants_it_and_forgotten(morning: Notify) -> None:
    named = msgspec.structs.replace(TENANT, clerk_calendars_name_citizens=True)
    await configure(morning.pool, TenantsFile((named,)))
    visit = a_visit(citizen="Max http://evil.example")
    morning.booking.agendas = (an_agenda(visit, channel="digest"),)
    await morning.tell("appointment.confirmed", a_letter(clerks=(a_clerk(),), version=3))
    invite = next(data for _, to, data in morning.mail.taken if to == CLERK.email)
    assert "Erika Mustermann" in calendar_of(read(invite)).walk("VEVENT")[0]["DESCRIPTION"]
    morning.booking.agendas = (an_agenda(msgspec.structs.replace(visit, calendar=SECOND.calendar), channel="digest"),)
    await morning.digest()
    await morning.send()
    digest = read(morning.mail.taken[-1][2])
    assert "  Max http: //evil. example" in text_of(digest).splitlines()
    assert "//evil.example" not in text_of(digest, "html")
    await morning.tell("appointment.erased", a_letter(version=4))
    left = await morning.pool.fetch("SELECT kind FROM delivery WHERE message IS NOT NULL")
    assert [row["kind"] for row in left] == []

"""A mail about a change of time says by which time its reader went until then."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import END, LETTER, NOW, START, a_citizen, a_letter, an_office_cancellation, at_sequence
from tests.notify.reading import read, text_of

from contracts.booking import Letter
from notify.domain.former import ToldStart, former_start
from notify.domain.sending import Outcome
from notify.store.claims import Claimed

ALONE = a_letter(clerks=())
FIRST = "Bisher: Montag, 29. März 2027, 10:00 Uhr"


def moved(sequence: int, **changes: Any) -> Letter:
    """By as many days as it was moved."""
    days = timedelta(days=sequence)
    return at_sequence(ALONE, sequence, **{"start": START + days, "end": END + days} | changes)


def last_mail(notify: Notify) -> tuple[str, str]:
    """As text and as HTML."""
    message = read(notify.mail.taken[-1][2])
    return text_of(message), text_of(message, "html")


async def test_the_former_time_stands_below_the_new_one(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", ALONE)
    await notify.tell("appointment.moved", moved(1))
    text, html = last_mail(notify)
    assert text.index("Dienstag, 30. März 2027") < text.index(FIRST)
    assert FIRST in html
    await notify.tell("appointment.moved", moved(2))
    assert "Bisher: Dienstag, 30. März 2027, 10:00 Uhr" in last_mail(notify)[0]


async def test_it_is_told_in_the_readers_language(notify: Notify) -> None:
    english = a_citizen(language="en")
    await notify.tell("appointment.confirmed", a_letter(clerks=(), citizen=english))
    letter = at_sequence(a_letter(clerks=(), citizen=english), 1, start=START + timedelta(hours=1))
    await notify.tell("appointment.moved", letter)
    for words in last_mail(notify):
        assert "Until now: Monday, 29 March 2027, 10:00" in words


async def test_of_two_moves_before_the_first_mail_is_written_the_reader_knows_neither(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", ALONE)
    await notify.hear("appointment.moved", moved(1))
    await notify.hear("appointment.moved", moved(2))
    await notify.prepare()
    await notify.send()
    assert [kind for kind, _ in await notify.states()] == ["confirmation", "changed"]
    text, _ = last_mail(notify)
    assert ("Mittwoch, 31. März 2027" in text, FIRST in text, "30. März" in text) == (True, True, False)


async def test_a_mail_that_never_went_told_nothing(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", ALONE)
    notify.mail.rcpt.append("450 greylisted")
    await notify.tell("appointment.moved", moved(1))
    await notify.tell("appointment.moved", moved(2))
    assert await notify.states() == [("confirmation", "accepted"), ("changed", "suppressed"), ("changed", "accepted")]
    assert FIRST in last_mail(notify)[0]


async def test_a_mail_in_a_senders_hands_is_as_good_as_told(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", ALONE)
    await notify.hear("appointment.moved", moved(1))
    await notify.prepare()
    claimed = await notify.sending.desk.claim()
    assert isinstance(claimed, Claimed)
    await notify.hear("appointment.moved", moved(2))
    await notify.prepare()
    await notify.sending.desk.settle(claimed, Outcome("accepted"))
    await notify.send()
    assert "Bisher: Dienstag, 30. März 2027" in last_mail(notify)[0]


async def test_where_no_mail_arrived_the_time_is_the_one_that_was_booked(notify: Notify) -> None:
    """Who books sees the time on the page."""
    await notify.hear("appointment.confirmed", ALONE)
    await notify.prepare()
    await notify.tell("appointment.moved", moved(1))
    assert await notify.states() == [("confirmation", "suppressed"), ("changed", "accepted")]
    assert FIRST in last_mail(notify)[0]


async def test_who_chose_another_time_after_the_office_called_off_reads_which_one_it_was(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", ALONE)
    offer = an_office_cancellation(clerks=(), rebook_until=NOW + timedelta(days=7))
    await notify.tell("appointment.rebooking_offered", offer)
    await notify.tell("appointment.moved", moved(2))
    assert FIRST in last_mail(notify)[0]


@pytest.mark.parametrize("type_", ["appointment.changed", "appointment.reassigned"])
async def test_another_room_or_other_services_have_no_former_time(notify: Notify, type_: Any) -> None:
    await notify.tell("appointment.confirmed", ALONE)
    await notify.tell(type_, at_sequence(ALONE, 1, end=END + timedelta(minutes=20)))
    assert [kind for kind, _ in await notify.states()] == ["confirmation", "changed"]
    for words in last_mail(notify):
        assert "Bisher" not in words


async def test_a_confirmation_and_a_reminder_have_none(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", moved(1))
    await notify.tell("appointment.reminder_due", moved(2))
    for _, _, data in notify.mail.taken:
        assert "Bisher" not in text_of(read(data))


def told(sequence: int, start: datetime, *, may_have_arrived: bool = True) -> ToldStart:
    return ToldStart(sequence=sequence, start=start, may_have_arrived=may_have_arrived)


def test_who_is_moved_back_before_hearing_of_it_goes_by_no_other_time() -> None:
    away = told(1, START + timedelta(days=1), may_have_arrived=False)
    assert former_start([told(0, START), away], at_sequence(LETTER, 2)) is None
    assert former_start([], at_sequence(LETTER, 2)) is None
    assert former_start([told(2, START + timedelta(days=9))], at_sequence(LETTER, 2)) is None, "it tells this revision"

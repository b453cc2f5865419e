"""The mailbox answers an invitation as a calendar program does."""

from datetime import UTC, datetime

import pytest

from demo.mailbox.answering import write_answer
from demo.mailbox.reading import CalendarView, read

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "what", ["Meldebescheinigung", "Personalausweis beantragen für " + "Özdemir-Łukasz, " * 9 + "Ö"]
)
def test_an_answer_can_be_written_whatever_the_visit_is_called(what: str) -> None:
    entry = CalendarView(
        method="REQUEST",
        uid="visit-1@termine.example",
        sequence=2,
        status="CONFIRMED",
        summary=f"1 × {what}",
        location="",
        description="",
        start=datetime(2027, 3, 29, 8, tzinfo=UTC),
        end=datetime(2027, 3, 29, 8, 15, tzinfo=UTC),
        organizer="termine@heinsberg.example",
        attendees=["clerk@heinsberg.example"],
    )
    mail = write_answer(entry, "DECLINED", NOW)
    assert max(len(line) for line in mail.split(b"\r\n")) <= 998
    answer = read(mail)
    assert answer.subject == f"Declined: {entry.summary}"
    assert (answer.from_, answer.to) == (entry.attendees[0], entry.organizer)
    assert answer.calendar is not None
    assert (answer.calendar.method, answer.calendar.uid, answer.calendar.sequence) == ("REPLY", entry.uid, 2)
    assert answer.calendar.summary == entry.summary
    assert b'method="REPLY"' in mail

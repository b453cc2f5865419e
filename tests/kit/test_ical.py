"""Calendar bytes, read back by the library's parser and by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import msgspec
import pytest

from kit.ical import Entry, Party, cancel, publish, request

ORGANIZER = Party("termine+42@heinsberg.example", "Stadt Heinsberg")
CLERK = Party("k.oezdemir@heinsberg.example", 'Kübra Özdemir; "Zi. 4"')
ENTRY = Entry(
    uid="0190f3c2-0000-7000-8000-000000000001@heinsberg.example",
    sequence=3,
    stamp=datetime(2026, 3, 1, 8, 30, tzinfo=UTC),
    start=datetime(2026, 3, 29, 8, 0, tzinfo=UTC),
    end=datetime(2026, 3, 29, 8, 20, tzinfo=UTC),
    time_zone="Europe/Berlin",
    summary="Termin ABC-123",
    description="Erste Zeile\nzweite; mit, Zeichen \\ und Umlauten äöüß",
    location="Rathaus, Apfelstraße 60, 52525 Heinsberg",
    organizer=ORGANIZER,
)


def read_event(data: bytes) -> icalendar.Event:
    return icalendar.Calendar.from_ical(data).walk("VEVENT")[0]


@pytest.mark.parametrize(
    ("instant", "wall"),
    [
        (datetime(2026, 3, 28, 9, 0, tzinfo=UTC), "20260328T100000"),
        (datetime(2026, 3, 29, 8, 0, tzinfo=UTC), "20260329T100000"),
        (datetime(2026, 10, 24, 8, 0, tzinfo=UTC), "20261024T100000"),
        (datetime(2026, 10, 25, 9, 0, tzinfo=UTC), "20261025T100000"),
    ],
)
def test_ten_oclock_is_ten_oclock_around_both_changes(instant: datetime, wall: str) -> None:
    data = publish(msgspec.structs.replace(ENTRY, start=instant, end=instant + timedelta(minutes=20)))
    assert f"DTSTART;TZID=Europe/Berlin:{wall}\r\n".encode() in data
    assert read_event(data).start.astimezone(UTC) == instant


def test_the_constant_time_zone_agrees_with_the_tz_database_on_every_hour_of_both_changes() -> None:
    calendar = icalendar.Calendar.from_ical(publish(ENTRY))
    ours = calendar.walk("VTIMEZONE")[0].to_tz(lookup_tzid=False)
    theirs = ZoneInfo("Europe/Berlin")
    for day in (datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2031, 3, 30)):  # noqa: DTZ001 - wall time
        for hour in (0, 1, 3, 4, 12, 23):
            wall = day.replace(hour=hour)
            assert wall.replace(tzinfo=ours).utcoffset() == wall.replace(tzinfo=theirs).utcoffset()


def test_onsets_are_local_and_yearly() -> None:
    data = publish(ENTRY)
    assert data.count(b"BEGIN:VTIMEZONE") == 1
    assert b"BEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\n" in data
    assert b"BEGIN:STANDARD\r\nDTSTART:19961027T030000\r\n" in data
    assert b"RDATE" not in data


def test_the_same_entry_has_the_same_bytes() -> None:
    assert publish(ENTRY) == publish(ENTRY)
    assert request(ENTRY, CLERK) == request(ENTRY, CLERK)
    assert b"DTSTAMP:20260301T083000Z\r\n" in publish(ENTRY)
    assert b"UID:0190f3c2-0000-7000-8000-000000000001@heinsberg.example\r\n" in publish(ENTRY)


def test_lines_end_in_crlf_and_are_at_most_75_octets() -> None:
    data = publish(msgspec.structs.replace(ENTRY, description="Größe über alles " * 40))
    assert data.count(b"\n") == data.count(b"\r\n")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    assert read_event(data)["description"] == "Größe über alles " * 40


def test_publish_has_no_attendee_and_says_its_state() -> None:
    event = read_event(publish(ENTRY))
    assert "attendee" not in event
    assert (event["status"], event["sequence"], event["class"]) == ("CONFIRMED", 3, "PUBLIC")
    gone = publish(msgspec.structs.replace(ENTRY, cancelled=True))
    assert b"METHOD:PUBLISH\r\n" in gone
    assert read_event(gone)["status"] == "CANCELLED"


def test_request_invites_one_attendee_whose_answer_is_open() -> None:
    data = request(msgspec.structs.replace(ENTRY, private=True), CLERK)
    event = read_event(data)
    assert b"METHOD:REQUEST\r\n" in data
    assert event["class"] == "PRIVATE"
    attendee = event["attendee"]
    assert attendee == "mailto:k.oezdemir@heinsberg.example"
    assert attendee.params["CN"] == "Kübra Özdemir; 'Zi. 4'"
    assert (attendee.params["PARTSTAT"], attendee.params["RSVP"]) == ("NEEDS-ACTION", "TRUE")
    assert b'ORGANIZER;CN="Stadt Heinsberg":mailto:termine+42@heinsberg.example\r\n' in data


def test_cancel_is_a_cancelled_entry_with_the_same_attendee() -> None:
    data = cancel(ENTRY, CLERK)
    event = read_event(data)
    assert b"METHOD:CANCEL\r\n" in data
    assert (event["status"], event["attendee"]) == ("CANCELLED", "mailto:k.oezdemir@heinsberg.example")
    assert (event.start, event.end) == (ENTRY.start, ENTRY.end)
    assert "VALARM" not in data.decode()


def test_no_text_can_add_a_line() -> None:
    evil = "x\r\nATTENDEE:mailto:evil@example.org\r\nBEGIN:VEVENT\x00\x07\u2028"
    party = Party("a@b.example\r\nX-EVIL:1", evil)
    entry = msgspec.structs.replace(ENTRY, summary=evil, description=evil, location=evil, uid=evil, organizer=party)
    lines = request(entry, party).replace(b"\r\n ", b"").split(b"\r\n")
    assert sum(line.startswith(b"ATTENDEE") for line in lines) == 1
    assert sum(line == b"BEGIN:VEVENT" for line in lines) == 1
    assert not any(line.startswith((b"X-EVIL", b"evil")) for line in lines)
    assert not any(byte < 32 for line in lines for byte in line)


def test_a_zone_without_rules_of_ours_is_written_in_utc() -> None:
    data = publish(msgspec.structs.replace(ENTRY, time_zone="Europe/Lisbon"))
    assert b"DTSTART:20260329T080000Z\r\n" in data
    assert b"VTIMEZONE" not in data


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        publish(msgspec.structs.replace(ENTRY, stamp=datetime(2026, 3, 1)))  # noqa: DTZ001 - the fault under test


def test_a_visit_online_says_where() -> None:
    meeting = "https://video.heinsberg.example/termin/k3jd82"
    assert read_event(publish(msgspec.structs.replace(ENTRY, url=meeting)))["URL"] == meeting
    smuggled = publish(msgspec.structs.replace(ENTRY, url=f"{meeting}\r\nATTENDEE:mailto:x@example.org"))
    assert b"\r\nATTENDEE" not in smuggled
    assert b"\r\nURL" not in publish(ENTRY)

"""Mails as they lie in a mailbox: shape, headers, calendar parts, encodings."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.notify.letters import CLERK, LETTER, NOW, TENANT, a_clerk, a_letter
from tests.notify.reading import calendar_of, calendar_part, decode_by_the_book, raw_header, read, shape, text_of
from tests.notify.writing import CLERKS, both_languages, every_kind, written

from notify.domain.kinds import RULES, Kind
from notify.mail.mime import Head, compose, renew
from notify.mail.rendering import Rendered


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (
            ("confirmation", "changed", "cancelled", "rebooking", "declined", "reminder"),
            ("mixed", ("alternative", "text/plain", "text/html"), "text/calendar"),
        ),
        (("invite", "update", "withdrawal"), ("alternative", "text/plain", "text/html", "text/calendar")),
        (
            (
                "activation",
                "earlier",
                "unfinished",
                "checking",
                "lapsed",
                "receipt",
                "refund",
                "link",
                "invitation",
            ),
            ("alternative", "text/plain", "text/html"),
        ),
    ],
)
def test_shapes(kinds: tuple[Kind, ...], expected: object) -> None:
    assert {kind: shape(read(written(kind))) for kind in kinds} == dict.fromkeys(kinds, expected)


@pytest.mark.parametrize(("kind", "method"), [(kind, rule.method) for kind, rule in RULES.items() if rule.method])
def test_the_mime_method_is_the_method_of_the_calendar(kind: Kind, method: str) -> None:
    part = calendar_part(read(written(kind)))
    assert part.get_param("method") == method == calendar_of(read(written(kind)))["METHOD"]
    assert part.get_content_charset() == "utf-8"
    assert part.get_filename() == (None if kind in CLERKS else "termin.ics")
    assert part.get_content_disposition() == (None if kind in CLERKS else "attachment")


@every_kind
def test_headers(kind: Kind) -> None:
    message = read(written(kind))
    assert message["From"] == "Stadt Heinsberg <termine@schalter.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"]
    assert message["Content-Language"] == "de"
    assert message["Date"].datetime == NOW
    if kind in CLERKS:
        assert message["To"] == CLERK.email
        assert message["Reply-To"] == f"termine+{LETTER.appointment_id.hex}@schalter.example"
    else:
        assert message["Reply-To"] == TENANT.email
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Reply-To"):
        assert len(message.get_all(name)) == 1


@every_kind
def test_the_wire_sees_crlf_and_ascii_alone(kind: Kind) -> None:
    data = written(kind)
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert max(len(line) for line in data.split(b"\r\n")) <= 200
    assert not re.search(rb"(?m)^From: *\r\n", data)


@pytest.mark.parametrize("kind", ["confirmation", "changed", "cancelled", "rebooking", "declined", "reminder"])
def test_a_citizens_calendar_holds_no_clerk_no_link_no_service(kind: Kind) -> None:
    data = calendar_part(read(written(kind))).get_payload(decode=True)
    calendar = bytes(data).replace(b"\r\n ", b"").decode()
    for secret in ("oezdemir", "Özdemir", "zugang", "geheim", "ausweis", "ATTENDEE", "Mustermann"):
        assert secret not in calendar
    assert f"mailto:{TENANT.email}" in calendar


def test_a_citizens_entry_reads_like_bookings_own() -> None:
    event = calendar_of(read(written("confirmation"))).walk("VEVENT")[0]
    assert event["SUMMARY"] == "Termin: Stadt Heinsberg"
    assert event["DESCRIPTION"] == "Terminnummer HS-7K2M. Fragen: 02452 14-0"
    assert event["LOCATION"] == "Rathaus, Raum 12, Apfelstraße 60, 52525 Heinsberg"
    assert event["DTSTAMP"].dt == NOW


@both_languages
@pytest.mark.parametrize("kind", sorted(CLERKS))
def test_a_clerks_mail_and_calendar_hold_no_citizen(kind: Kind, language: str) -> None:
    message = read(written(kind, language=language))
    calendar = str(calendar_of(message).to_ical())
    for secret in ("Mustermann", "erika", "zugang", "geheim"):
        assert secret not in text_of(message) + text_of(message, "html") + calendar
    event = calendar_of(message).walk("VEVENT")[0]
    assert event["CLASS"] == "PRIVATE"
    assert event["ATTENDEE"] == f"mailto:{CLERK.email}"
    assert "HS-7K2M" in event["SUMMARY"]


def test_a_withdrawal_tells_the_former_clerks_last_times() -> None:
    last = datetime(2027, 3, 24, 10, 0, tzinfo=UTC)
    letter = a_letter(clerks=(a_clerk(live=False, start=last, end=last),))
    message = read(written("withdrawal", letter))
    assert "24. März 2027" in text_of(message)
    assert calendar_of(message).walk("VEVENT")[0].start == last


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=120))
@settings(max_examples=150)
def test_subjects_decode_alike_in_two_decoders(text: str) -> None:
    subject = " ".join(text.split())
    head = Head(
        message_id="1@x.example",
        date=NOW,
        sender_name="Stadt Übach-Palenberg",
        sender="termine@x.example",
        reply_to="a@x.example",
        recipient="b@x.example",
    )
    data = compose(head, Rendered("de", subject, "text\n", "<p>text</p>"), None)
    value = raw_header(data, "Subject")
    assert max(len(line) for line in (b"Subject: " + value).split(b"\r\n")) <= 78
    assert decode_by_the_book(value) == subject
    assert decode_by_the_book(raw_header(data, "From")) == "Stadt Übach-Palenberg <termine@x.example>"
    assert b"?==?" not in data


@pytest.mark.parametrize(
    "subject",
    [
        "Größe über alles: Änderung für Österreich und Übach-Palenberg, äöüß" * 2,
        "Termin 🎉 für 👩‍👩‍👧‍👦 am 29.03.",
        "北京" * 40,
        "Jmd. mit sehr langem Namen " + "Müller-Lüdenscheidt-" * 8,
    ],
)
def test_long_subjects_in_both_decoders(subject: str) -> None:
    head = Head(message_id="1@x", date=NOW, sender_name="Ä", sender="a@x.de", reply_to="a@x.de", recipient="b@x.de")
    data = compose(head, Rendered("de", subject, "t\n", "<p>t</p>"), None)
    assert read(data)["Subject"] == decode_by_the_book(raw_header(data, "Subject")) == subject


def test_a_resend_differs_in_message_id_and_date_alone() -> None:
    data = written("confirmation")
    later = datetime(2027, 3, 23, 12, 0, tzinfo=UTC)
    again = renew(data, "new@schalter.example", later)
    assert read(again)["Message-ID"] == "<new@schalter.example>"
    assert read(again)["Date"].datetime == later

    def rest(raw: bytes) -> list[bytes]:
        return [line for line in raw.split(b"\r\n") if not line.startswith((b"Message-ID:", b"Date:"))]

    assert rest(again) == rest(data)

"""Mails as they lie in a mailbox: shape, headers, subjects, words; and attempts to smuggle something in."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.notify.letters import CLERK, LETTER, NOW, TENANT, a_citizen, a_clerk, a_letter, a_payment
from tests.notify.reading import calendar_of, calendar_part, decode_by_the_book, raw_header, read, shape, text_of
from tests.notify.writing import CLERKS, FULL, written

from contracts.booking import Letter
from contracts.money import Money
from notify.domain.kinds import RULES, Kind
from notify.language import languages
from notify.mail.mime import Head, compose, renew
from notify.mail.rendering import Rendered

KINDS: tuple[Kind, ...] = get_args(Kind)

both_languages = pytest.mark.parametrize("language", ["de", "en"])
every_kind = pytest.mark.parametrize("kind", KINDS)


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


@both_languages
@every_kind
def test_text_and_html_say_the_same(kind: Kind, language: str) -> None:
    message = read(written(kind, language=language))
    text = re.sub(r"[\s:=-]+", "", text_of(message))
    html = Words()
    html.feed(text_of(message, "html"))
    for piece in html.pieces:
        assert re.sub(r"[\s:=-]+", "", piece) in text, piece
    assert html.count["h1"] == 1
    assert html.count["html"] == 1
    assert html.lang == language
    assert html.count["img"] == html.count["script"] == html.count["link"] == 0
    assert set(re.findall(r"https?://[^\s<>\"]+", text_of(message))) == html.links


class Words(HTMLParser):
    """What a reader sees, piece by piece, and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.links: set[str] = set()
        self.lang: str | None = None
        self.count: dict[str, int] = dict.fromkeys(("h1", "html", "img", "script", "link"), 0)
        self._skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in self.count:
            self.count[tag] += 1
        self._skip = tag in {"style", "title"}
        self.lang = values.get("lang") or self.lang
        if tag == "a" and not str(values.get("href")).startswith("mailto:"):
            self.links.add(str(values["href"]))

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._skip:
            self.pieces.append(data.strip())


@both_languages
@every_kind
def test_subjects_and_previews_name_no_service_and_no_document(kind: Kind, language: str) -> None:
    message = read(written(kind, language=language))
    seen = message["Subject"] + text_of(message)[: 60 if kind in CLERKS else 140]
    for secret in ("ausweis", "Ausweis", "Lichtbild", "geheim"):
        assert secret not in seen


def test_the_subject_says_when() -> None:
    assert read(written("confirmation"))["Subject"] == "Ihr Termin am Mo., 29.03., 10:00 Uhr"
    assert read(written("confirmation", language="en"))["Subject"] == "Your appointment on Mon 29 Mar, 10:00"
    assert read(written("confirmation", language="tr"))["Subject"] == "Ihr Termin am Mo., 29.03., 10:00 Uhr"


def test_the_confirmation_says_all_that_is_needed() -> None:
    text = text_of(read(written("confirmation")))
    for needed in (
        "Montag, 29. März 2027",
        "10:00 Uhr",
        "HS-7K2M",
        "Rathaus",
        "Apfelstraße 60",
        "Raum 12",
        "2 × Personalausweis beantragen",
        "92,00 €",
        "digitales Lichtbild",
        LETTER.manage_url,
        TENANT.phone,
    ):
        assert needed in text


@pytest.mark.parametrize(
    ("letter", "words"),
    [
        (a_letter(fee=None, payment=a_payment(mode="none", paid=None, state=None)), "keine"),
        (a_letter(payment=a_payment(mode="counter", paid=None, state=None)), "zahlbar vor Ort"),
        (a_letter(fee=None, payment=a_payment(mode="counter", paid=None, state=None)), "auf Anfrage"),
        (a_letter(fee=None, payment=a_payment(mode="after_decision", paid=None)), "nach der Entscheidung"),
        (a_letter(payment=a_payment(state="authorised", paid=None)), "die Quittung kommt"),
        (LETTER, "online bezahlt"),
    ],
)
def test_how_the_fee_is_paid(letter: Letter, words: str) -> None:
    assert words in text_of(read(written("confirmation", letter)))


@pytest.mark.parametrize(
    ("letter", "words"),
    [
        (a_letter(state="cancelled_by_citizen", payment=a_payment(refunded=Money(9200))), "92,00 € erstattet"),
        (a_letter(state="cancelled_by_citizen"), "Steht Ihnen eine Erstattung zu"),
        (a_letter(state="cancelled_by_office"), "Das Geld bekommen Sie zurück"),
        (a_letter(state="cancelled_by_office", payment=a_payment(state="voiding", paid=None)), "nichts berechnet"),
    ],
)
def test_a_cancellation_has_a_word_about_the_money(letter: Letter, words: str) -> None:
    assert words in text_of(read(written("cancelled", letter))).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("kind", ["confirmation", "changed", "cancelled", "rebooking", "declined", "reminder"])
def test_a_citizens_calendar_holds_no_clerk_no_link_no_service(kind: Kind) -> None:
    data = calendar_part(read(written(kind))).get_payload(decode=True)
    calendar = bytes(data).replace(b"\r\n ", b"").decode()  # type: ignore[arg-type]
    for secret in ("oezdemir", "Özdemir", "zugang", "geheim", "ausweis", "ATTENDEE", "Mustermann"):
        assert secret not in calendar
    assert f"mailto:{TENANT.email}" in calendar


def test_a_citizens_entry_reads_like_bookings_own() -> None:
    event = calendar_of(read(written("confirmation"))).walk("VEVENT")[0]
    assert event["SUMMARY"] == "Termin: Stadt Heinsberg"
    assert event["DESCRIPTION"] == "Terminnummer HS-7K2M. Fragen: 02452 14-0"
    assert event["LOCATION"] == "Rathaus, Raum 12, Apfelstraße 60, 52525 Heinsberg"
    assert event["DTSTAMP"].dt == NOW


def test_a_room_with_a_name_is_not_called_a_room_again() -> None:
    place = msgspec.structs.replace(LETTER.place, room="Schalter 2")
    assert "Raum" not in text_of(read(written("confirmation", a_letter(place=place))))


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


EVIL = "Max\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script> http://evil.example {{ 7*7 }} {% raw %}\x00\u202e"


@both_languages
@every_kind
def test_what_people_type_stays_inert(kind: Kind, language: str) -> None:
    """The citizen's name and phone, the office's words on a cancellation or an invitation."""
    letter = msgspec.structs.replace(FULL, citizen=a_citizen(name=EVIL, phone=EVIL), office_note=EVIL, channel="phone")
    message = read(written(kind, letter, language))
    html = text_of(message, "html")
    assert message["Bcc"] is None
    assert "<script" not in html
    assert "evil.example" not in html + text_of(message)
    assert "49" not in text_of(message).replace("4711", "")
    assert [part.get_content_type() for part in message.walk()].count("text/html") == 1


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


def test_every_language_has_the_same_templates_and_words() -> None:
    folder = Path(str(files("notify"))) / "mail/templates"
    names = {code: {file.name for file in (folder / code).glob("*.j2")} for code in languages().codes}
    assert all(names[code] == names["de"] for code in names)
    assert {f"{kind}.j2" for kind in KINDS} <= names["de"]
    keys = {code: set(languages().get(code)._texts) for code in languages().codes}
    assert all(keys[code] == keys["de"] for code in keys)


def test_dark_colours_are_readable() -> None:
    from kit.web.brand import contrast  # noqa: PLC0415 - one test alone needs it

    style = text_of(read(written("confirmation")), "html")
    ink, soft = (re.search(rf"\.{name}[^{{]*{{ color: (#\w+)", style)[1] for name in ("ink", "soft"))  # type: ignore[index]
    card = re.search(r"\.card {{? background-color: (#\w+)", style)[1]  # type: ignore[index]
    assert contrast(ink, card) >= 7
    assert contrast(soft, card) >= 4.5
    assert contrast("#4b5359", "#ffffff") >= 4.5
    assert msgspec.structs.astuple(TENANT.colours)[0] in style

"""What mails say: subjects, words for the fee and the money, nothing of it active, nothing of it too much."""

import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from tests.notify.letters import LETTER, TENANT, a_citizen, a_letter, a_payment
from tests.notify.reading import read, text_of
from tests.notify.writing import CLERKS, FULL, KINDS, both_languages, every_kind, written

from contracts.booking import Letter
from contracts.money import Money
from kit.web.brand import contrast
from notify.domain.kinds import Kind
from notify.language import languages


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
        "92,00\u00a0€",
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
        (a_letter(state="cancelled_by_citizen"), "Das Geld bekommen Sie zurück"),
        (a_letter(state="cancelled_by_citizen", payment=a_payment(refunded=Money(2000))), "den Rest bekommen Sie auch"),
        (a_letter(state="cancelled_by_office"), "Das Geld bekommen Sie zurück"),
        (a_letter(state="cancelled_by_office", payment=a_payment(state="voiding", paid=None)), "nichts berechnet"),
    ],
)
def test_a_cancellation_has_a_word_about_the_money(letter: Letter, words: str) -> None:
    assert words in text_of(read(written("cancelled", letter))).replace("\N{NO-BREAK SPACE}", " ")


def test_a_room_with_a_name_is_not_called_a_room_again() -> None:
    place = msgspec.structs.replace(LETTER.place, room="Schalter 2")
    assert "Raum" not in text_of(read(written("confirmation", a_letter(place=place))))


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


def test_every_language_has_the_same_templates_and_words() -> None:
    folder = Path(str(files("notify"))) / "mail/templates"
    names = {code: {file.name for file in (folder / code).glob("*.j2")} for code in languages().codes}
    assert all(names[code] == names["de"] for code in names)
    assert {f"{kind}.j2" for kind in KINDS} <= names["de"]
    keys = {code: set(languages().get(code)._texts) for code in languages().codes}
    assert all(keys[code] == keys["de"] for code in keys)


def test_dark_colours_are_readable() -> None:
    style = text_of(read(written("confirmation")), "html")
    ink, soft = (re.search(rf"\.{name}[^{{]*{{ color: (#\w+)", style)[1] for name in ("ink", "soft"))  # type: ignore[index]
    card = re.search(r"\.card {{? background-color: (#\w+)", style)[1]  # type: ignore[index]
    assert contrast(ink, card) >= 7
    assert contrast(soft, card) >= 4.5
    assert contrast("#4b5359", "#ffffff") >= 4.5
    assert msgspec.structs.astuple(TENANT.colours)[0] in style

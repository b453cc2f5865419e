"""Every mail before judges that are not ours: a linter of HTML, and a second decoder of mails."""

import re
from itertools import cycle

import msgspec
import pytest
from tests.notify.letters import NOW, TENANT, a_citizen
from tests.notify.reading import read, text_of
from tests.notify.templates.judging import Judged, judge, why_not
from tests.notify.templates.pages import reader_of
from tests.notify.templates.pictures import png
from tests.notify.writing import FULL, KINDS, occasion_of, written

from notify.domain.placeholders import TEMPLATE_KINDS
from notify.domain.wording import Source
from notify.language import language_of
from notify.mail.letterhead import Letterhead
from notify.mail.mime import Head, compose
from notify.mail.rendering import Rendered, render
from notify.mail.samples import sample_occasion
from notify.mail.style import Style

# Both judges are npm's: without Node there are none, and `test_rendering.py` still reads the same mails by the stdlib.
pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())  # needs Node

HEAD = Head(
    message_id="1@x", date=NOW, sender_name="Stadt Übach", sender="a@x.de", reply_to="a@x.de", recipient="b@x.de"
)
TEXTS = [
    " ".join(text.split())
    for text in (
        "Größe über alles: Änderung für Österreich und Übach-Palenberg, äöüß" * 2,
        "Şükrü Özgür Ağaoğlu-Łukasiewicz " * 3,
        "北京" * 40,
        "𠮷野家 𝔐𝔲̈𝔩𝔩𝔢𝔯 🎉 👩‍👩‍👧‍👦 " * 5,
        "a" * 200,
        "é\u0301" * 50,
        "=?utf-8?q?already?= encoded",
        "Ends with space and ü ä ö " * 6,
    )
]
NAMES = ["Şükrü Ağaoğlu", "𠮷野 花子", "Jérôme Œuvre-Łącki", "Zoë 🎉"]
BROKEN = Rendered("de", "x", "x\n", "<!DOCTYPE html><html><body><p><div>x</p><img src='x'></body></html>")
OWN = Source(
    "Ihr Termin am {{start}}: bis bald in {{office}}",
    "Guten Tag **{{name}}**,\n\nschön, dass Sie *kommen*. Lesen Sie [**alles** Weitere](https://example.org/a?b=1&c=2),"
    " oder [Ihren Termin]({{manage_url}}).\n\n## Was Sie wissen sollten\n\n{{visit}}\n{{fee}}\n{{documents}}\n\n"
    '- Parken am *Rathaus*\n- Aufzug vorhanden: 2 < 3 & "ja"\n\n1. Erst melden\n2. dann warten  \n   und zwar sitzend',
)
STYLE = Style(Letterhead("https://termine.example", png()), {("confirmation", "de"): OWN, ("confirmation", "en"): OWN})


@pytest.fixture(scope="module")
def judged() -> dict[str, list[tuple[bytes, Judged]]]:
    """All that is judged here, in one process of the judges."""
    mails = {
        "all": [written(kind, language=language) for kind in KINDS for language in ("de", "en")],
        "own": [compose(HEAD, rendered, None) for rendered in _own_mails()],
        "texts": [_plain(text) for text in TEXTS],
        "names": [written("confirmation", msgspec.structs.replace(FULL, citizen=a_citizen(name=n))) for n in NAMES],
        "broken": [compose(HEAD, BROKEN, None)],
    }
    found = iter(judge([mail for group in mails.values() for mail in group]))
    return {name: [(mail, next(found)) for mail in group] for name, group in mails.items()}


def _own_mails() -> list[Rendered]:
    """With a letterhead and own words; and the samples of the preview, one language each."""
    letterhead = Style(STYLE.letterhead)
    own = [render(occasion_of("confirmation", language=code), language_of(code), STYLE) for code in ("de", "en")]
    samples = zip(TEMPLATE_KINDS, cycle(("de", "en")), strict=False)
    return own + [
        render(sample_occasion(kind, TENANT, language_of(code), NOW), language_of(code), letterhead)
        for kind, code in samples
    ]


def _plain(text: str) -> bytes:
    head = msgspec.structs.replace(HEAD, sender_name=_sender(text))
    return compose(head, Rendered("de", text, f"{text}\n", f"<p>{text}</p>"), None)


def _sender(text: str) -> str:
    return "Stadt Übach" if "=?" in text else text  # a sender is the house's own name, from its file


@pytest.mark.parametrize("group", ["all", "own"])
def test_mails_pass_the_linter_and_both_media_say_the_same(
    group: str, judged: dict[str, list[tuple[bytes, Judged]]]
) -> None:
    for raw, found in judged[group]:
        assert found.faults == [], found.subject
        _same_to_both(raw, found)
        _says_the_same(found)


def _same_to_both(raw: bytes, found: Judged) -> None:
    message = read(raw)
    assert found.subject == message["Subject"]
    assert _unified(found.text) == _unified(text_of(message))
    assert _unified(found.html) == _unified(text_of(message, "html"))


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _says_the_same(found: Judged) -> None:
    """Word for word, in the same order, and the same addresses behind the links."""
    reader = reader_of(found.html)
    assert _words(re.sub(r"<?https?://\S+", "", found.text)) == _words(" ".join(reader.pieces))
    assert set(re.findall(r"https?://[^\s<>\"]+", found.text)) == reader.links


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"(?m)^ +\d+\. ", "", text))


def test_subjects_and_senders_decode_alike_in_both_decoders(judged: dict[str, list[tuple[bytes, Judged]]]) -> None:
    """Umlauts, two and four bytes a character, long ones: in the subject, the sender and the text."""
    for text, (raw, found) in zip(TEXTS, judged["texts"], strict=True):
        message = read(raw)
        assert found.subject == text == message["Subject"]
        assert found.from_ is not None
        assert found.from_["name"] == _sender(text) == message["From"].addresses[0].display_name
        assert found.text.strip() == text == text_of(message).strip()


def test_a_persons_name_arrives_as_it_was_typed(judged: dict[str, list[tuple[bytes, Judged]]]) -> None:
    for name, (_, found) in zip(NAMES, judged["names"], strict=True):
        assert name in found.text
        assert name in found.html


def test_the_logo_travels_within_the_mail(judged: dict[str, list[tuple[bytes, Judged]]]) -> None:
    for _, found in judged["own"]:
        assert found.attachments == ["image/png <logo>"]
        assert 'src="cid:logo"' in found.html


def test_the_linter_finds_what_is_wrong(judged: dict[str, list[tuple[bytes, Judged]]]) -> None:
    [(_, found)] = judged["broken"]
    assert any("alt" in fault for fault in found.faults)

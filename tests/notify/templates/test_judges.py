"""Every mail before judges that are not ours: a linter of HTML, and a second decoder of mails."""

import re

import msgspec
import pytest
from tests.notify.letters import NOW, TENANT, a_citizen
from tests.notify.reading import read, text_of
from tests.notify.templates.judging import Judged, judge, why_not
from tests.notify.templates.pages import reader_of
from tests.notify.templates.pictures import png
from tests.notify.writing import FULL, KINDS, occasion_of, written

from kit.web.language import Language
from notify.domain.placeholders import TEMPLATE_KINDS
from notify.domain.wording import Source
from notify.language import language_of
from notify.mail.letterhead import Letterhead
from notify.mail.mime import Head, compose
from notify.mail.rendering import Rendered, render
from notify.mail.samples import sample_occasion
from notify.mail.style import Style

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

HEAD = Head(
    message_id="1@x", date=NOW, sender_name="Stadt Übach", sender="a@x.de", reply_to="a@x.de", recipient="b@x.de"
)
NAMES = [
    "Größe über alles: Änderung für Österreich und Übach-Palenberg, äöüß" * 2,
    "Şükrü Özgür Ağaoğlu-Łukasiewicz " * 3,
    "北京" * 40,
    "𠮷野家 𝔐𝔲̈𝔩𝔩𝔢𝔯 🎉 👩‍👩‍👧‍👦 " * 5,
    "a" * 200,
    "é\u0301" * 50,
    "=?utf-8?q?already?= encoded",
    "Ends with space and ü ä ö " * 6,
]


OWN = Source(
    "Ihr Termin am {{start}}: bis bald in {{office}}",
    "Guten Tag **{{name}}**,\n\nschön, dass Sie *kommen*. Lesen Sie [**alles** Weitere](https://example.org/a?b=1&c=2),"
    " oder [Ihren Termin]({{manage_url}}).\n\n## Was Sie wissen sollten\n\n{{visit}}\n{{fee}}\n{{documents}}\n\n"
    '- Parken am *Rathaus*\n- Aufzug vorhanden: 2 < 3 & "ja"\n\n1. Erst melden\n2. dann warten  \n   und zwar sitzend',
)
STYLE = Style(Letterhead("https://termine.example", png()), {("confirmation", "de"): OWN, ("confirmation", "en"): OWN})


def test_every_mail_passes_the_linter_and_decodes_alike() -> None:
    """All kinds, both languages; the same with a letterhead and own words; the samples of the preview."""
    mails = [written(kind, language=language) for kind in KINDS for language in ("de", "en")]
    mails += [compose(HEAD, rendered, None) for rendered in _own_mails()]
    for raw, judged in zip(mails, judge(mails), strict=True):
        assert judged.faults == [], judged.subject
        _same_to_both(raw, judged)
        _says_the_same(judged)


def _own_mails() -> list[Rendered]:
    letterhead = Style(STYLE.letterhead)
    found = [render(occasion_of("confirmation", language=code), language_of(code), STYLE) for code in ("de", "en")]
    return found + [_sample(kind, language_of(code), letterhead) for kind in TEMPLATE_KINDS for code in ("de", "en")]


def _sample(kind: str, t: Language, style: Style) -> Rendered:
    return render(sample_occasion(kind, TENANT, t, NOW), t, style)  # type: ignore[arg-type] # one of the literals


def _same_to_both(raw: bytes, judged: Judged) -> None:
    message = read(raw)
    assert judged.subject == message["Subject"]
    assert _unified(judged.text) == _unified(text_of(message))
    assert _unified(judged.html) == _unified(text_of(message, "html"))


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _says_the_same(judged: Judged) -> None:
    """Word for word, in the same order, and the same addresses behind the links."""
    reader = reader_of(judged.html)
    text = re.sub(r"<?https?://\S+", "", judged.text)
    assert _words(text) == _words(" ".join(reader.pieces))
    assert set(re.findall(r"https?://[^\s<>\"]+", judged.text)) == reader.links


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"(?m)^ +\d+\. ", "", text))


def test_subjects_and_names_decode_alike_in_both_decoders() -> None:
    """Umlauts, two and four bytes a character, long ones: in the subject, the sender and the text."""
    texts = [" ".join(name.split()) for name in NAMES]
    senders = ["Stadt Übach" if "=?" in name else name for name in texts]  # the house's own name, from its file
    heads = [msgspec.structs.replace(HEAD, sender_name=sender) for sender in senders]
    mails = [
        compose(head, Rendered("de", name, f"{name}\n", f"<p>{name}</p>"), None)
        for head, name in zip(heads, texts, strict=True)
    ]
    for raw, name, sender, judged in zip(mails, texts, senders, judge(mails), strict=True):
        message = read(raw)
        assert judged.subject == name == message["Subject"]
        assert judged.from_ is not None
        assert judged.from_["name"] == sender == message["From"].addresses[0].display_name
        assert judged.text.strip() == name == text_of(message).strip()


def test_a_persons_name_arrives_as_it_was_typed() -> None:
    names = ["Şükrü Ağaoğlu", "𠮷野 花子", "Jérôme Œuvre-Łącki", "Zoë 🎉"]
    mails = [written("confirmation", msgspec.structs.replace(FULL, citizen=a_citizen(name=name))) for name in names]
    for name, judged in zip(names, judge(mails), strict=True):
        assert name in judged.text
        assert name in judged.html


def test_the_logo_travels_within_the_mail() -> None:
    [judged] = judge([compose(HEAD, _sample("confirmation", language_of("de"), STYLE), None)])
    assert judged.attachments == ["image/png <logo>"]
    assert 'src="cid:logo"' in judged.html


def test_the_linter_finds_what_is_wrong() -> None:
    broken = Rendered("de", "x", "x\n", "<!DOCTYPE html><html><body><p><div>x</p><img src='x'></body></html>")
    [judged] = judge([compose(HEAD, broken, None)])
    assert any("alt" in fault for fault in judged.faults)

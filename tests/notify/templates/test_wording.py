"""What people and tenants type does nothing but stand there: in the house's words and in a tenant's own."""

import os
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.notify.letters import NOW, TENANT, a_citizen
from tests.notify.reading import raw_header, read, text_of
from tests.notify.templates.pages import reader_of
from tests.notify.writing import FULL, occasion_of

from contracts.booking import Letter
from notify.domain.placeholders import PLACEHOLDERS, TEMPLATE_KINDS, VOCABULARIES, TemplateKind
from notify.domain.wording import Listing, Paragraph, Source, Span
from notify.language import language_of, languages
from notify.mail.letterhead import Letterhead
from notify.mail.markdown import read_wording
from notify.mail.mime import Head, compose
from notify.mail.rendering import render
from notify.mail.style import PLAIN, Style, find_faults_in
from notify.mail.words import builtin

OWN = Source(
    "{{office}}: {{start}}",
    "Guten Tag **{{name}}**, {{name}}\n\n- {{name}}\n\n[Termin]({{manage_url}})\n\n"
    "{{slot}}\n\n{{office_note}}\n{{money}}",
)
EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "25"))
HEAD = Head(message_id="1@x", date=NOW, sender_name="Ä", sender="a@x.de", reply_to="a@x.de", recipient="b@x.de")
STYLE = Style(Letterhead("https://termine.example"), {("cancelled_by_office", "de"): OWN})
MARKUP = st.sampled_from(
    [
        "\r\nBcc: all@example.org\r\n\r\n", "{{manage_url}}", "{{ 7*7 }}", "{% raw %}", "[x](https://evil.example)",
        "**fett**", "<script>alert(1)</script>", "<a href='https://evil.example'>x</a>", "http://evil.example/x",
        "www.evil.example", "javascript:alert(1)", '" onclick="x', "&lt;b&gt;", "=?utf-8?q?x?=", "\u202e", "\x00",
        "![x](cid:logo)", "\u2028", "# h", "- l", "--", "\n.\n", "evil。example", "Müller", "北京", "🎉", "`x`", "\\",
    ]
)  # fmt: skip
TYPED = st.lists(MARKUP | st.text(max_size=12), min_size=1, max_size=6).map("".join)


PLAIN_WORDS = st.text(st.sampled_from("ab ü*_[]()#-.1\n\\&'\""), max_size=80)


def letter_of(name: str, note: str) -> Letter:
    return msgspec.structs.replace(
        FULL, state="cancelled_by_office", citizen=a_citizen(name=name, phone=name), office_note=note
    )


def mail_of(letter: Letter, style: Style) -> bytes:
    """Without the calendar part, which takes the most time and has tests of its own."""
    return compose(HEAD, render(occasion_of("cancelled", letter), language_of("de"), style), None)


PLAIN_MAILS = {id(style): mail_of(letter_of("N", "N"), style) for style in (PLAIN, STYLE)}


@pytest.mark.parametrize("style", [PLAIN, STYLE], ids=["house", "own"])
@given(name=TYPED, note=TYPED)
@settings(max_examples=EXAMPLES, deadline=None)
def test_what_people_type_is_inert(style: Style, name: str, note: str) -> None:
    """The same headers, tags and links as with a plain name, whatever the name and the note."""
    mail, plain = mail_of(letter_of(name, note), style), PLAIN_MAILS[id(style)]
    assert raw_header(mail, "Subject") == raw_header(plain, "Subject")
    message, model = read(mail), read(plain)
    assert message.keys() == model.keys()
    seen, expected = reader_of(text_of(message, "html")), reader_of(text_of(model, "html"))
    assert seen.links == expected.links
    assert set(seen.tags) <= {*expected.tags, "blockquote"}
    assert "evil.example" not in text_of(message) + text_of(message, "html")
    assert set(re.findall(r"https?://[^\s<>]+", text_of(message))) == set(
        re.findall(r"https?://[^\s<>]+", text_of(model))
    )


PLAIN_TAGS = frozenset(reader_of(text_of(read(PLAIN_MAILS[id(STYLE)]), "html")).tags)


@given(subject=st.just(OWN.subject) | st.text(max_size=130) | TYPED, body=PLAIN_WORDS, more=PLAIN_WORDS | TYPED)
@settings(max_examples=3 * EXAMPLES, deadline=None)
def test_what_a_tenant_types_is_refused_or_harmless(subject: str, body: str, more: str) -> None:
    """Whatever may be saved can be written, with no other tags, no other header and no link but https or ours."""
    source = Source(subject, f"{body}\n\n{more}\n\n{OWN.body}")
    style = Style(STYLE.letterhead, {("cancelled_by_office", "de"): source})
    if find_faults_in("cancelled_by_office", source):
        return
    mail = read(mail_of(letter_of("Erika", "Es tut uns leid."), style))
    seen = reader_of(text_of(mail, "html"))
    assert mail["Bcc"] is None
    assert set(seen.tags) <= {*PLAIN_TAGS, "h2", "em", "ol", "br"}
    assert all(link.startswith("https://") for link in seen.links)


@pytest.mark.parametrize("language", languages().codes)
@pytest.mark.parametrize("kind", TEMPLATE_KINDS)
def test_the_houses_own_words_could_be_saved(kind: TemplateKind, language: str) -> None:
    assert find_faults_in(kind, builtin(kind, language)) == []


@pytest.mark.parametrize("kind", TEMPLATE_KINDS)
def test_each_required_placeholder_is_missed(kind: TemplateKind) -> None:
    vocabulary = VOCABULARIES[kind]
    assert vocabulary.known <= PLACEHOLDERS.keys()
    source = builtin(kind, "de")
    for name in vocabulary.required:
        saying = [name, *(block for block in vocabulary.known if name in PLACEHOLDERS[block].says)]
        body = re.sub(r"\{\{(" + "|".join(saying) + r")\}\}", "", source.body)
        [message, *_] = [text for field, text in find_faults_in(kind, Source(source.subject, body)) if field == "body"]
        assert message.startswith("{{" + min(vocabulary.required - _said(kind, body)) + "}} is missing")


def _said(kind: TemplateKind, body: str) -> set[str]:
    names = set(re.findall(r"\{\{(\w+)\}\}", body))
    return names.union(*(PLACEHOLDERS[name].says for name in names))


def test_what_is_empty_is_left_out() -> None:
    source = Source("Absage", "##\n\n- \n- a\n-\n\n1.\n\n" + OWN.body)
    assert find_faults_in("cancelled_by_office", source) == []
    first, second, *_ = read_wording(source).blocks
    assert first == Listing(((Span(text="a"),),))
    assert isinstance(second, Paragraph)
    mail = mail_of(letter_of("Erika", ""), Style(sources={("cancelled_by_office", "de"): source}))
    assert "<li" in text_of(read(mail), "html")


def test_a_text_says_what_the_markdown_says() -> None:
    own = Source(
        "Absage {{day}}",
        "Guten Tag {{name}},\n\nam **{{ start }}** geht es *nicht*.  \nSehen Sie [**hier** nach]({{ manage_url }})"
        " oder [dort](https://example.org/x).\n\n## Weiter\n\n1. Eins\n2. Zwei\n\n"
        "{{slot}}\n\n{{office_note}}\n\n{{money}}",
    )
    style = Style(sources={("cancelled_by_office", "de"): own})
    mail = read(mail_of(letter_of("Erika", "Wasserschaden."), style))
    text, html = text_of(mail).replace("\r\n", "\n"), text_of(mail, "html")
    assert (
        "am Montag, 29. März 2027, 10:00 Uhr geht es nicht.\nSehen Sie hier nach <" + FULL.manage_url + "> oder" in text
    )
    assert "dort <https://example.org/x>.\n\nWeiter\n------\n\n  1. Eins\n  2. Zwei\n" in text
    assert "<strong>Montag, 29. März 2027, 10:00 Uhr</strong> geht es <em>nicht</em>.<br>Sehen Sie" in html
    assert f'<a class="ink" href="{FULL.manage_url}"' in html
    assert TENANT.name in text

"""The wording of a mail, taken apart: a subject and blocks of plain words, with placeholders that are filled later.

What is filled in is never read as anything but words, since the reading is over by then.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

import msgspec

from notify.domain.placeholders import PLACEHOLDERS, VOCABULARIES, Form, TemplateKind

SUBJECT_LENGTH_MAX = 120
BODY_LENGTH_MAX = 8000

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,40})\s*\}\}")
_MARKUP = re.compile(r"<[A-Za-z/!?]")
_HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?([/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?")
"""Without a user, and of the characters that an address may have (RFC 3986)."""
_ADDRESS = re.compile(r"\w+://")

Fault = tuple[str, str]
"""Field, and what is expected."""


class Source(msgspec.Struct, frozen=True):
    """A wording as it is written and stored."""

    subject: str
    body: str
    """Restricted Markdown with placeholders."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Some words, or the placeholder `name`. `target`: they are a link, to an address or a placeholder in braces."""

    text: str = ""
    name: str | None = None
    target: str | None = None
    strong: bool = False
    emphasis: bool = False
    line_break: bool = False


class Paragraph(msgspec.Struct, frozen=True):
    spans: tuple[Span, ...]
    is_heading: bool = False


class Listing(msgspec.Struct, frozen=True):
    items: tuple[tuple[Span, ...], ...]
    is_ordered: bool = False


class Part(msgspec.Struct, frozen=True):
    """A placeholder that stands for a whole block."""

    name: str


Block = Paragraph | Listing | Part


class Wording(msgspec.Struct, frozen=True):
    subject: tuple[Span, ...]
    blocks: tuple[Block, ...]


def split(text: str) -> Iterator[Span]:
    """Words and placeholders in turn."""
    for index, piece in enumerate(_PLACEHOLDER.split(text)):
        if index % 2:
            yield Span(name=piece)
        elif piece:
            yield Span(text=piece)


def tighten(text: str) -> str:
    """`{{ name }}` is `{{name}}`: a link's target may hold no space."""
    return _PLACEHOLDER.sub(r"{{\1}}", text.replace("\r\n", "\n"))


def target_name(target: str) -> str | None:
    """The placeholder that a link leads to."""
    found = _PLACEHOLDER.fullmatch(target)
    return found[1] if found else None


def find_faults_of_source(source: Source) -> list[Fault]:
    """What is wrong whatever it means: length, characters, markup that is not read."""
    found = [
        *_find_unfit_text("subject", source.subject, SUBJECT_LENGTH_MAX, ""),
        *_find_unfit_text("body", source.body, BODY_LENGTH_MAX, "\n"),
    ]
    if "![" in source.body:
        found.append(("body", "images are not read: the logo stands in the letterhead"))
    return found


def _find_unfit_text(field: str, text: str, length_max: int, allowed: str) -> Iterator[Fault]:
    if not text.strip():
        yield field, "some words are needed"
    if len(text) > length_max:
        yield field, f"expected at most {length_max} characters"
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and char not in allowed for char in text):
        yield field, "holds a control character" + ("" if allowed else " or a line break")
    if _MARKUP.search(text):
        yield field, "HTML is not read: write **bold**, *slanted*, - lists and [links](https://…)"


def find_faults(template: TemplateKind, wording: Wording) -> list[Fault]:
    """What keeps this wording from being a mail of this kind."""
    used = list(_used_in_body(wording.blocks))
    return [
        *_find_faults_of_subject(template, wording.subject),
        *_find_unknown(template, used),
        *_find_missing(template, {name for name, _ in used}),
        *_find_unfit_words(wording.blocks),
    ]


def _find_faults_of_subject(template: TemplateKind, subject: Sequence[Span]) -> Iterator[Fault]:
    known = VOCABULARIES[template].known
    for span in subject:
        if span.name and (span.name not in known or not PLACEHOLDERS[span.name].in_subject):
            yield "subject", f"{_braces(span.name)} is not known in the subject of this mail"
        if _is_open(span.text):
            yield "subject", "a placeholder is not closed, or holds other characters than letters and _"


def _find_unknown(template: TemplateKind, used: Sequence[tuple[str, Form]]) -> Iterator[Fault]:
    known = VOCABULARIES[template].known
    for name, form in dict.fromkeys(used):
        if name not in known:
            yield "body", f"{_braces(name)} is not known in this mail"
        elif PLACEHOLDERS[name].form != form:
            yield "body", f"{_braces(name)} {_PLACES[PLACEHOLDERS[name].form]}"


_PLACES: dict[Form, str] = {
    "words": "stands within a sentence",
    "link": "is where a link leads: [words]({{…}})",
    "block": "stands in a line of its own",
}


def _find_missing(template: TemplateKind, used: set[str]) -> Iterator[Fault]:
    said = used.union(*(PLACEHOLDERS[name].says for name in used if name in PLACEHOLDERS))
    for name in sorted(VOCABULARIES[template].required - said):
        blocks = [block for block in _known_blocks(template) if name in PLACEHOLDERS[block].says]
        instead = f", or {' or '.join(map(_braces, blocks))}, which says it" if blocks else ""
        yield "body", f"{_braces(name)} is missing{instead}"


def _known_blocks(template: TemplateKind) -> list[str]:
    return sorted(name for name in VOCABULARIES[template].known if PLACEHOLDERS[name].form == "block")


def _find_unfit_words(blocks: Sequence[Block]) -> Iterator[Fault]:
    for span in _spans(blocks):
        if _is_open(span.text):
            yield "body", "a placeholder is not closed, or holds other characters than letters and _"
        if _ADDRESS.search(span.text):
            yield "body", "an address is written as a link: [words](https://…)"
        if span.target is not None and not target_name(span.target) and not _is_https(span.target):
            yield "body", f"links lead to https:// or to a placeholder, not to {span.target[:60]!r}"


def _is_https(target: str) -> bool:
    return bool(_HTTPS.fullmatch(target))


def _is_open(text: str) -> bool:
    return "{{" in text or "}}" in text


def _used_in_body(blocks: Sequence[Block]) -> Iterator[tuple[str, Form]]:
    """Placeholders, and how each is used."""
    for block in blocks:
        if isinstance(block, Part):
            yield block.name, "block"
    for span in _spans(blocks):
        if span.name:
            yield span.name, "words"
        name = target_name(span.target or "")
        if name:
            yield name, "link"


def _spans(blocks: Sequence[Block]) -> Iterator[Span]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from block.spans
        elif isinstance(block, Listing):
            for item in block.items:
                yield from item


def _braces(name: str) -> str:
    return "{{" + name + "}}"

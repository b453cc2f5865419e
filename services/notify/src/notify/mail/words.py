"""The house's own words for each mail (`words/<language>/`), in the form in which a tenant writes other ones, and how
values are put into words: after the Markdown was read, as words and never as markup.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from contracts.booking import InvitationLetter, Letter
from contracts.tenant import TenantProfile
from notify.domain.placeholders import TemplateKind
from notify.domain.wording import Block, Listing, Part, Source, Span, Wording, target_name

Values = Mapping[str, object]


@cache
def builtin(template: TemplateKind, language: str) -> Source:
    text = (files("notify") / "mail/words" / language / f"{template}.md").read_text("utf-8")
    subject, _, body = text.partition("\n\n")
    return Source(subject, body.strip())


class Words(NamedTuple):
    """What the templates show of a span."""

    text: str
    url: str | None = None
    strong: bool = False
    emphasis: bool = False
    line_break: bool = False
    ends_link: bool = False


class Shown(NamedTuple):
    """What the templates show of a block."""

    form: str
    spans: Sequence[Words] = ()
    items: Sequence[Sequence[Words]] = ()
    is_ordered: bool = False
    file: str = ""


def fill_subject(wording: Wording, values: Values) -> str:
    filled = [_SUBJECT[span.name](values) if span.name else span.text for span in wording.subject]
    return " ".join("".join(filled).split())


def fill(wording: Wording, values: Values) -> list[Shown]:
    return [_show(block, values) for block in wording.blocks]


def _show(block: Block, values: Values) -> Shown:
    if isinstance(block, Part):
        return Shown("part", file=f"_{block.name}.j2")
    if isinstance(block, Listing):
        items = [list(_fill(item, values)) for item in block.items]
        return Shown("list", items=items, is_ordered=block.is_ordered)
    return Shown("heading" if block.is_heading else "paragraph", spans=list(_fill(block.spans, values)))


def _fill(spans: Sequence[Span], values: Values) -> Iterator[Words]:
    for span, following in zip(spans, [*spans, Span()][1:], strict=True):
        yield Words(
            text=_BODY[span.name](values) if span.name else span.text,
            url=_url(span.target, values),
            strong=span.strong,
            emphasis=span.emphasis,
            line_break=span.line_break,
            ends_link=span.target != following.target,
        )


def _url(target: str | None, values: Values) -> str | None:
    name = target_name(target or "")
    return _LINKS[name](values) if name else target


def _letter(values: Values) -> Letter:
    letter = values["letter"]
    assert isinstance(letter, Letter)
    return letter


def _invitation(values: Values) -> InvitationLetter:
    letter = values["letter"]
    assert isinstance(letter, InvitationLetter)
    return letter


def _tenant(values: Values) -> TenantProfile:
    tenant = values["tenant"]
    assert isinstance(tenant, TenantProfile)
    return tenant


def _text(*names: str) -> Callable[[Values], str]:
    return lambda values: ", ".join(str(values[name]) for name in names)


_BODY: dict[str, Callable[[Values], str]] = {
    "number": lambda values: _letter(values).number,
    "start": _text("day", "time"),
    "day": _text("day"),
    "time": _text("time"),
    "office": lambda values: _tenant(values).name,
    "phone": lambda values: _tenant(values).phone,
    "earlier_start": _text("earlier_day", "earlier_time"),
    "name": _text("name"),
    "unit": lambda values: _invitation(values).unit,
    "rebook_until": _text("rebook_until"),
    "held_until": _text("held_until"),
    "valid_until": _text("valid_until"),
}
_SUBJECT: dict[str, Callable[[Values], str]] = _BODY | {
    "start": _text("day_short", "time"),
    "day": _text("day_short"),
    "earlier_start": _text("earlier_day_short", "earlier_time"),
}
_LINKS: dict[str, Callable[[Values], str | None]] = {
    "manage_url": lambda values: _letter(values).manage_url,
    "activation_url": lambda values: _letter(values).activation_url,
    "continue_url": lambda values: _letter(values).continue_url,
    "booking_url": lambda values: _invitation(values).url,
}

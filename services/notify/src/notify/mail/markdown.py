"""Restricted Markdown (CommonMark's paragraphs, `##` headings, lists, emphasis, links) becomes blocks of words.

Read by markdown-it; what is not enabled here (HTML, images, code, quotations, references) stays as it was typed.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from notify.domain.placeholders import PLACEHOLDERS
from notify.domain.wording import Block, Listing, Paragraph, Part, Source, Span, Wording, split, tighten


class Unreadable(Exception):
    """The message says what cannot stand there."""


@lru_cache(maxsize=1000)
def read_wording(source: Source) -> Wording:
    """Raises Unreadable."""
    tokens = _markdown().parse(tighten(source.body))
    return Wording(tuple(split(tighten(source.subject.strip()))), tuple(_Reader().read(tokens)))


@cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("zero").enable(["heading", "list", "emphasis", "link", "escape", "newline"])
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign] # a placeholder's braces stay
    reader.validateLink = _is_there  # type: ignore[method-assign]
    return reader


def _is_there(url: str) -> bool:
    """Which targets are allowed, `domain/wording.py` says, and why the others are not."""
    return bool(url)


class _Reader:
    """Walks the flat list of tokens: at most one list is open at a time."""

    def __init__(self) -> None:
        self._items: list[tuple[Span, ...]] | None = None
        self._is_heading = False

    def read(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for token in tokens:
            match token.type:
                case "bullet_list_open" | "ordered_list_open":
                    self._open_list()
                case "list_item_open" if self._items is not None:
                    self._items.append(())
                case "bullet_list_close" | "ordered_list_close":
                    yield from self._close_list(is_ordered=token.tag == "ol")
                case "heading_open":
                    self._open_heading(token)
                case "heading_close":
                    self._is_heading = False
                case "inline":
                    yield from self._take(tuple(_spans(token.children or ())))

    def _open_list(self) -> None:
        if self._items is not None:
            raise Unreadable("a list within a list is not read")
        self._items = []

    def _close_list(self, *, is_ordered: bool) -> Iterator[Block]:
        items = tuple(item for item in self._items or () if item)
        self._items = None
        if items:
            yield Listing(items, is_ordered)

    def _open_heading(self, token: Token) -> None:
        if token.tag != "h2" or self._items is not None:
            raise Unreadable("headings within the mail are of the second level, ##, and stand outside of lists")
        self._is_heading = True

    def _take(self, spans: tuple[Span, ...]) -> Iterator[Block]:
        if self._items is not None:
            before = (*self._items[-1], Span(line_break=True)) if self._items[-1] else ()
            self._items[-1] = (*before, *spans)
            return
        if not spans:
            return
        yield from _parts(spans) or (Paragraph(spans, is_heading=self._is_heading),)


def _parts(spans: Sequence[Span]) -> tuple[Part, ...]:
    """Blocks that stand alone, one below the other."""
    words = [span for span in spans if not span.line_break and (span.name or span.text.strip())]
    names = [span.name for span in words if span.name and not span.target]
    is_alone = len(names) == len(words) and all(name in PLACEHOLDERS for name in names)
    return tuple(map(Part, names)) if is_alone and any(PLACEHOLDERS[n].form == "block" for n in names) else ()


def _spans(tokens: Sequence[Token]) -> Iterator[Span]:
    strong = emphasis = 0
    target: str | None = None
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close":
                strong += token.nesting
            case "em_open" | "em_close":
                emphasis += token.nesting
            case "link_open":
                target = str(token.attrs.get("href", ""))
            case "link_close":
                target = None
            case "hardbreak":
                yield Span(line_break=True)
            case "softbreak":
                yield Span(text=" ", target=target)
            case _:
                for span in split(token.content):
                    yield msgspec.structs.replace(span, target=target, strong=strong > 0, emphasis=emphasis > 0)

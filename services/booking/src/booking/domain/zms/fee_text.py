"""What a text about fees says for certain: nothing to pay, or one amount. Everything else is "on request". Pure."""

import re
from typing import NamedTuple

from booking.domain.fees import FeeKind

_FREE = re.compile(
    r"(?:es (?:fallen|fällt) |es entstehen )?keine? (?:gebühr(?:en)?|kosten)(?: an)?"
    r"|(?:gebühren|kosten)(?:frei|los)|kostenlos|unentgeltlich|keine|0(?:,00)? (?:euro|eur|€)",
    re.IGNORECASE,
)
_SENTENCE_FREE = re.compile(
    r"(?:die|der|das) [^.:;,]{3,60} ist (?:gebührenfrei|kostenfrei|kostenlos|unentgeltlich)", re.IGNORECASE
)
_AMOUNT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})|[0-9]{1,5})(?:,([0-9]{2}|-+))? ?(?:euro|eur|€)", re.IGNORECASE)
_ANY_AMOUNT = re.compile(r"[0-9][0-9.,]* ?(?:euro|eur|€)", re.IGNORECASE)


class FeeReading(NamedTuple):
    kind: FeeKind
    amount_cents: int | None = None
    why: str | None = None
    """Why no more could be read from it."""


def read_fee(text: str) -> FeeReading:
    """`text` without tags."""
    said = text.strip(" .!\u200b")
    if not said:
        return FeeReading("on_request", why="no fee is stated")
    if _FREE.fullmatch(said) or _SENTENCE_FREE.fullmatch(said):
        return FeeReading("none")
    match = _AMOUNT.fullmatch(said)
    if match:
        cents = match[2] if match[2] and match[2].isdigit() else "00"
        return FeeReading("fixed", int(match[1].replace(".", "")) * 100 + int(cents))
    count = len(_ANY_AMOUNT.findall(said))
    if count == 0:
        return FeeReading("on_request", why="the text names no amount")
    if count == 1:
        return FeeReading("on_request", why="the amount comes with words that may be a condition")
    return FeeReading("on_request", why="the text names several amounts")

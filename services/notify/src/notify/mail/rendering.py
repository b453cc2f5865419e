"""A letter becomes subject, text and HTML. Text and HTML come from one template, so that they say the same.

Each mail is a template in `templates/<language>/`, built of the parts in `templates/text/medium.j2` and
`templates/html/medium.j2`. Values are inserted as values: what stands in them is never read as a template, and in HTML
is always escaped.
"""

import re
from functools import cache
from typing import Literal

import msgspec
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

from contracts.booking import Letter
from contracts.money import Money
from notify.domain.names import defang
from notify.domain.telling import Occasion
from notify.domain.wording import Words, clock_time, day_long, day_short, money
from notify.mail.language import choose, words_of

Medium = Literal["text", "html"]

_NOTHING_CHARGED = frozenset({"created", "pending", "authorised", "voiding", "cancelled", "expiring", "expired"})
"""States of a payment in which no money has moved."""


class Rendered(msgspec.Struct, frozen=True):
    language: str
    subject: str
    text: str
    html: str


def render(occasion: Occasion) -> Rendered:
    language, name = choose(occasion.message.language), f"{occasion.message.kind}.j2"
    values = _values(occasion, words_of(language)) | {"language": language}
    values["subject"] = _subject(_environment("text", language).get_template(name), values)
    text = _environment("text", language).get_template(name).render(values)
    html = _environment("html", language).get_template(name).render(values)
    return Rendered(language, str(values["subject"]), _tidy(text), html)


@cache
def _environment(medium: Medium, language: str) -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader("notify", f"mail/templates/{folder}") for folder in (medium, language)]),
        autoescape=medium == "html",  # noqa: S701 - off for plain text alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _subject(template: Template, values: dict[str, object]) -> str:
    return " ".join("".join(template.blocks["subject"](template.new_context(values))).split())


def _tidy(text: str) -> str:
    lines = [line if line == "-- " else line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _values(occasion: Occasion, words: Words) -> dict[str, object]:
    letter, clerk = occasion.letter, occasion.message.clerk
    start, end = (clerk.start, clerk.end) if clerk else (letter.start, letter.end)
    zone = letter.time_zone
    return {
        "letter": letter,
        "tenant": occasion.tenant,
        "name": defang(letter.citizen.name),
        "clerk_name": clerk.display_name if clerk else None,
        "day": day_long(words, start, zone),
        "day_short": day_short(words, start, zone),
        "time": clock_time(words, start, zone),
        "end_time": clock_time(words, end, zone),
        "place": place_lines(letter, words),
        "items": [f"{item.quantity} × {item.service}" if item.quantity > 1 else item.service for item in letter.items],
        "documents": list(dict.fromkeys(document for item in letter.items for document in item.documents)),
        "reserved_until": letter.expires_at and clock_time(words, letter.expires_at, zone),
        "phone_word": words.phone,
    } | _sums(letter, words)


def _sums(letter: Letter, words: Words) -> dict[str, object]:
    payment = letter.payment

    def write(sum_: Money | None) -> str | None:
        return money(words, sum_) if sum_ and sum_.amount_cents else None

    return {
        "fee": write(letter.fee),
        "paid": write(payment.paid),
        "refunded": write(payment.refunded),
        "nothing_charged": payment.state in _NOTHING_CHARGED,
    }


def place_lines(letter: Letter, words: Words) -> list[str]:
    place = letter.place
    room = [f"{words.room} {place.room}"] if place.room else []
    return [place.name, place.street, f"{place.postcode} {place.city}", *room]

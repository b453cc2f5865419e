"""A letter becomes subject, text and HTML. Text and HTML come from one template, so that they say the same.

Each mail is a template in `templates/<language>/`, built of the parts in `templates/text/medium.j2` and
`templates/html/medium.j2`. Values are inserted as values: what stands in them is never read as a template, and in HTML
is always escaped.
"""

import re
from datetime import date
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

from contracts.booking import Letter
from contracts.money import Money
from kit.web.formats import Formats
from kit.web.language import Language
from notify.domain.names import defang
from notify.domain.telling import Occasion
from notify.language import room_of

Medium = Literal["text", "html"]

_NOTHING_CHARGED = frozenset({"created", "pending", "authorised", "voiding", "cancelled", "expiring", "expired"})
"""States of a payment in which no money has moved."""


class Rendered(msgspec.Struct, frozen=True):
    language: str
    subject: str
    text: str
    html: str


def render(occasion: Occasion, t: Language) -> Rendered:
    name = f"{occasion.message.kind}.j2"
    values = _values(occasion, t)
    values["subject"] = _subject(_environment("text", t.code).get_template(name), values)
    text = _environment("text", t.code).get_template(name).render(values)
    html = _environment("html", t.code).get_template(name).render(values)
    return Rendered(t.code, str(values["subject"]), _tidy(text), html)


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


def _values(occasion: Occasion, t: Language) -> dict[str, object]:
    letter, clerk, f = occasion.letter, occasion.message.clerk, Formats(t)
    start, end = (clerk.start, clerk.end) if clerk else (letter.start, letter.end)
    zone = letter.time_zone
    day = start.astimezone(ZoneInfo(zone)).date()
    return {
        "language": t.code,
        "letter": letter,
        "tenant": occasion.tenant,
        "name": defang(letter.citizen.name),
        "clerk_name": clerk.display_name if clerk else None,
        "day": f.day_long(day),
        "day_short": _day_short(day, t),
        "time": f.time(start, zone),
        "end_time": f.time(end, zone),
        "place": _place(letter, t),
        "items": [f"{item.quantity} × {item.service}" if item.quantity > 1 else item.service for item in letter.items],
        "documents": list(dict.fromkeys(document for item in letter.items for document in item.documents)),
        "reserved_until": letter.expires_at and f.time(letter.expires_at, zone),
        "phone_word": t("mail.phone"),
    } | _sums(letter, f)


def _sums(letter: Letter, f: Formats) -> dict[str, object]:
    payment = letter.payment

    def write(sum_: Money | None) -> str | None:
        return f.money(sum_.amount_cents, sum_.currency) if sum_ and sum_.amount_cents else None

    return {
        "fee": write(letter.fee),
        "paid": write(payment.paid),
        "refunded": write(payment.refunded),
        "nothing_charged": payment.state in _NOTHING_CHARGED,
    }


def _day_short(day: date, t: Language) -> str:
    """Without the year, which a subject line has no room for."""
    return t(
        "mail.day_short",
        weekday_short=t.list("format.weekdays_short")[day.weekday()],
        day=day.day,
        month=day.month,
        month_short=t.list("format.months_short")[day.month - 1],
    )


def _place(letter: Letter, t: Language) -> list[str]:
    place = letter.place
    return [place.name, place.street, f"{place.postcode} {place.city}", *room_of(place, t)]

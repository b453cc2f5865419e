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

from kit.web.language import Language
from notify.domain.inviting import AnyOccasion
from notify.mail.values import values_of

Medium = Literal["text", "html"]


class Rendered(msgspec.Struct, frozen=True):
    language: str
    subject: str
    text: str
    html: str


def render(occasion: AnyOccasion, t: Language) -> Rendered:
    name = f"{occasion.message.kind}.j2"
    values = values_of(occasion, t)
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
        auto_reload=False,  # a released service's templates do not change under it
    )


def _subject(template: Template, values: dict[str, object]) -> str:
    return " ".join("".join(template.blocks["subject"](template.new_context(values))).split())


def _tidy(text: str) -> str:
    lines = [line if line == "-- " else line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"

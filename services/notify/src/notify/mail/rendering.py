"""A letter becomes subject, text and HTML. Text and HTML come from one template, so that they say the same.

Each mail is a template in `templates/<language>/`, built of the parts `m.…` in `templates/text/medium.j2` and
`templates/html/medium.j2`. What a citizen reads has words of the house (`words/<language>/`), or of the tenant, between
its heading and its buttons. Values are inserted as values: what stands in them is never read as a template or as
Markdown, and in HTML is always escaped.
"""

import re
from functools import cache
from typing import Literal

import msgspec
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

from kit.web.language import Language
from notify.domain.digest import DigestOccasion
from notify.domain.placeholders import TemplateKind, template_of
from notify.domain.telling import Occasion
from notify.mail.digest_values import digest_values
from notify.mail.letterhead import letterhead_values
from notify.mail.markdown import read_wording
from notify.mail.occasions import AnyOccasion
from notify.mail.style import PLAIN, Style
from notify.mail.values import values_of
from notify.mail.words import builtin, fill, fill_subject

Medium = Literal["text", "html"]


class Rendered(msgspec.Struct, frozen=True):
    language: str
    subject: str
    text: str
    html: str
    logo: bytes | None = None
    """A PNG file that the HTML shows as `cid:logo`."""


def render(occasion: AnyOccasion, t: Language, style: Style = PLAIN) -> Rendered:
    template = template_of_occasion(occasion)
    own = digest_values(occasion, t) if isinstance(occasion, DigestOccasion) else values_of(occasion, t)
    values = own | letterhead_values(occasion.tenant, style.letterhead, t)
    name = f"{template or occasion.message.kind}.j2"
    if template:
        wording = style.wording(template, t.code) or read_wording(builtin(template, t.code))
        values |= {"template": template, "words": fill(wording, values), "subject": fill_subject(wording, values)}
    else:
        values["subject"] = _subject(_environment("text", t.code).get_template(name), values)
    text = _environment("text", t.code).get_template(name).render(values)
    html = _environment("html", t.code).get_template(name).render(values)
    return Rendered(t.code, str(values["subject"]), _tidy(text), html, style.letterhead.logo)


def template_of_occasion(occasion: AnyOccasion) -> TemplateKind | None:
    state = occasion.letter.state if isinstance(occasion, Occasion) else None
    return template_of(occasion.message.kind, state)


@cache
def _environment(medium: Medium, language: str) -> Environment:
    folders = (medium, "shared", language)
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("notify", f"mail/templates/{folder}") for folder in folders]),
        autoescape=medium == "html",  # noqa: S701 - off for plain text alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # a released service's templates do not change under it
    )
    environment.globals["m"] = environment.get_template("medium.j2").module
    return environment


def _subject(template: Template, values: dict[str, object]) -> str:
    return " ".join("".join(template.blocks["subject"](template.new_context(values))).split())


def _tidy(text: str) -> str:
    lines = [line if line == "-- " else line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"

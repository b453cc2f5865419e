"""`/v1/staff/templates…`: an admin reads, tries and replaces the words of the citizen's mails."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from kit.requests import AnyRequest
from notify.domain.errors import NotFound
from notify.domain.placeholders import (
    PLACEHOLDERS,
    VOCABULARIES,
    Form,
    TemplateKind,
    is_template_kind,
)
from notify.domain.wording import BODY_LENGTH_MAX, SUBJECT_LENGTH_MAX, Source
from notify.language import languages
from notify.mail.letterhead import embed_logo
from notify.mail.rendering import Rendered
from notify.store.templates import Version
from notify.usecases.preview_template import preview_template
from notify.usecases.save_template import Saving, save_template
from notify.usecases.view_templates import Template, TemplateState, list_templates, view_template
from notify.web.access import require_admin
from notify.web.wiring import wired

VERSION_MAX = 2_000_000_000
Subject = Annotated[str, msgspec.Meta(min_length=1, max_length=SUBJECT_LENGTH_MAX)]
Body = Annotated[str, msgspec.Meta(min_length=1, max_length=BODY_LENGTH_MAX)]


class TemplateList(msgspec.Struct, frozen=True):
    items: Sequence[TemplateState]
    next_cursor: str | None = None
    """Always null: there are as many as kinds and languages."""


class PlaceholderView(msgspec.Struct, frozen=True):
    name: str
    form: Form
    required: bool
    """Or else a block of those that say it."""
    in_subject: bool
    said_by: list[str]
    """Blocks that say the same, and more."""


class VersionView(msgspec.Struct, frozen=True):
    version: int
    subject: str | None
    """Null, as is the body: the house's words again."""
    body: str | None
    changed_at: datetime
    changed_by: str


class TemplateView(msgspec.Struct, frozen=True, kw_only=True):
    kind: TemplateKind
    language: str
    version: int
    """0: never changed."""
    is_own: bool
    current: Source
    default: Source
    """The house's words."""
    placeholders: list[PlaceholderView]
    history: list[VersionView]
    """Newest first, at most a hundred."""


class WordsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: Subject
    body: Body
    """Restricted Markdown: paragraphs, ## headings, lists, **bold**, *slanted*, [links](https://…)."""
    if_version: Annotated[int, msgspec.Meta(ge=0, le=VERSION_MAX)] | None = None
    """The version that these words are to follow; refused with 409 if there is another by now."""


class TrialBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: Subject
    body: Body


class Preview(msgspec.Struct, frozen=True):
    subject: str
    text: str
    html: str


@get("/v1/staff/templates", summary="The citizen's mails, and which of them say a tenant's own words")
async def get_templates(request: AnyRequest) -> TemplateList:
    claims = require_admin(request)
    return TemplateList(await list_templates(wired(request).pool, claims.tenant))


@get("/v1/staff/templates/{kind:str}/{language:str}", summary="Words, placeholders and history of one kind of mail")
async def get_template(request: AnyRequest, kind: FromPath[str], language: FromPath[str]) -> TemplateView:
    claims, known = require_admin(request), known_kind(kind, language)
    return _show(known, language, await view_template(wired(request).pool, claims.tenant, known, language))


@put("/v1/staff/templates/{kind:str}/{language:str}", summary="Own words, for mails written from now on")
async def put_template(
    request: AnyRequest, kind: FromPath[str], language: FromPath[str], data: JSONBody[WordsBody]
) -> TemplateView:
    """An older version comes back by being saved anew. The same words again change nothing."""
    return await _save(request, kind, language, Source(data.subject, data.body), data.if_version)


@delete("/v1/staff/templates/{kind:str}/{language:str}", status_code=200, summary="The house's words again")
async def delete_template(request: AnyRequest, kind: FromPath[str], language: FromPath[str]) -> TemplateView:
    """The history keeps what was said before."""
    return await _save(request, kind, language, None, None)


@post(
    "/v1/staff/templates/{kind:str}/{language:str}/preview",
    status_code=200,
    summary="A mail with these words about a person whom there is not; nothing is saved or sent",
)
async def post_preview(
    request: AnyRequest, kind: FromPath[str], language: FromPath[str], data: JSONBody[TrialBody]
) -> Preview:
    claims, known = require_admin(request), known_kind(kind, language)
    source = Source(data.subject, data.body)
    return show_preview(await preview(request, claims.tenant, known, language, source))


def known_kind(kind: str, language: str) -> TemplateKind:
    """Raises NotFound."""
    if not is_template_kind(kind) or language not in languages().codes:
        raise NotFound("There is no such mail in this language.")
    return kind


async def preview(
    request: AnyRequest, tenant: str, kind: TemplateKind, language: str, source: Source | None
) -> Rendered:
    wiring = wired(request)
    home = wiring.settings.own_pages_url.rstrip("/")
    return await preview_template(wiring.pool, wiring.clock, home, tenant, kind, language, source)


def show_preview(rendered: Rendered) -> Preview:
    return Preview(rendered.subject, rendered.text, embed_logo(rendered.html, rendered.logo))


async def _save(
    request: AnyRequest, kind: str, language: str, source: Source | None, if_version: int | None
) -> TemplateView:
    claims, known, wiring = require_admin(request), known_kind(kind, language), wired(request)
    saving = Saving(claims.tenant, known, language, source, if_version, f"staff:{claims.subject}")
    await save_template(wiring.pool, wiring.clock, wiring.settings.own_pages_url.rstrip("/"), saving)
    return _show(known, language, await view_template(wiring.pool, claims.tenant, known, language))


def _show(kind: TemplateKind, language: str, template: Template) -> TemplateView:
    return TemplateView(
        kind=kind,
        language=language,
        version=template.version,
        is_own=template.own is not None,
        current=template.current,
        default=template.default,
        placeholders=placeholders_of(kind),
        history=[_version(version) for version in template.history],
    )


def _version(version: Version) -> VersionView:
    return VersionView(version.version, version.subject, version.body, version.created_at, version.created_by)


def placeholders_of(kind: TemplateKind) -> list[PlaceholderView]:
    vocabulary = VOCABULARIES[kind]
    return [
        PlaceholderView(
            name=name,
            form=placeholder.form,
            required=name in vocabulary.required,
            in_subject=placeholder.in_subject,
            said_by=[block for block in sorted(vocabulary.known) if name in PLACEHOLDERS[block].says],
        )
        for name, placeholder in PLACEHOLDERS.items()
        if name in vocabulary.known
    ]


TEMPLATE_ROUTES = (get_templates, get_template, put_template, delete_template, post_preview)

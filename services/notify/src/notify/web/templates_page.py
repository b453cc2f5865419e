"""`/vorlagen`: a page on which an admin looks at each mail as a phone and a desktop show it, and changes its words.

There is no sign-on for pages yet, so each form brings the staff token along: it stands in no address and in no cookie,
and the page is kept nowhere. The mail is shown in a frame that may do nothing.
"""

from typing import Annotated, Literal, NamedTuple

import msgspec
from litestar import Response, get, post
from litestar.params import URLEncodedBody

from kit.tokens import StaffClaims
from kit.web.brand import Brand
from kit.web.security import content_security_policy, same_origin
from kit.web.site import Site
from notify.domain.errors import Conflict, Forbidden, Invalid, NotifyError, Unauthorised
from notify.domain.placeholders import TEMPLATE_KINDS, TemplateKind
from notify.domain.wording import Source
from notify.language import languages
from notify.usecases.save_template import Saving, save_template
from notify.usecases.view_templates import Template, view_template
from notify.web.access import require_admin
from notify.web.templates_api import AnyRequest, Preview, known_kind, placeholders_of, preview, show_preview
from notify.web.wiring import wired

PATH = "/vorlagen"
POLICY = content_security_policy().replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""A mail's styles stand on its elements; the frame that shows it inherits the page's policy."""

Action = Literal["open", "try", "save", "default"]
Text = Annotated[str, msgspec.Meta(max_length=20_000)]


class TemplatesForm(msgspec.Struct, frozen=True):
    token: Text
    kind: Text = TEMPLATE_KINDS[0]
    language: Text = "de"
    action: Action = "open"
    subject: Text = ""
    body: Text = ""
    version: Annotated[int, msgspec.Meta(ge=0, le=2_000_000_000)] = 0
    """The one that the words in the form followed."""

    @property
    def source(self) -> Source:
        return Source(self.subject, self.body.replace("\r\n", "\n"))


class Desk(NamedTuple):
    """What the page shows."""

    template: Template
    source: Source
    preview: Preview | None
    errors: dict[str, str]
    is_saved: bool = False


def site_of(request: AnyRequest) -> Site:
    site: Site = request.app.state.site
    return site


@get(PATH, include_in_schema=False)
async def show_entrance(request: AnyRequest) -> Response[str]:
    return site_of(request).page(request, None, "entrance.html", error=None)


@post(PATH, include_in_schema=False, status_code=200, guards=[same_origin])
async def show_templates(request: AnyRequest, data: URLEncodedBody[TemplatesForm]) -> Response[str]:
    try:
        claims = require_admin(request, data.token)
    except (Unauthorised, Forbidden) as error:
        return site_of(request).page(request, None, "entrance.html", status=error.status, error=error.code)
    kind = known_kind(data.kind, data.language)
    refusal = await _save(request, claims, kind, data) if data.action == "save" else None
    desk = await _look(request, claims, kind, data, refusal)
    brand = await site_of(request).brands.find(claims.tenant)
    return _page(request, brand, data, desk, refusal)


async def _save(
    request: AnyRequest, claims: StaffClaims, kind: TemplateKind, data: TemplatesForm
) -> NotifyError | None:
    wiring = wired(request)
    home, by = wiring.settings.own_pages_url.rstrip("/"), f"staff:{claims.subject}"
    saving = Saving(claims.tenant, kind, data.language, data.source, data.version, by)
    try:
        await save_template(wiring.pool, wiring.clock, home, saving)
    except (Invalid, Conflict) as error:
        return error
    return None


async def _look(
    request: AnyRequest, claims: StaffClaims, kind: TemplateKind, data: TemplatesForm, error: NotifyError | None
) -> Desk:
    template = await view_template(wired(request).pool, claims.tenant, kind, data.language)
    source = _words(template, data)
    if error:
        return Desk(template, source, None, _errors(error))
    try:
        rendered = await preview(request, claims.tenant, kind, data.language, source)
    except Invalid as invalid:
        return Desk(template, source, None, _errors(invalid))
    return Desk(template, source, show_preview(rendered), {}, is_saved=data.action == "save")


def _words(template: Template, data: TemplatesForm) -> Source:
    """Of the form, unless others are asked for."""
    match data.action:
        case "open":
            return template.current
        case "default":
            return template.default
        case "try" | "save":
            return data.source


def _errors(error: NotifyError) -> dict[str, str]:
    """Field → all that is said of it."""
    found: dict[str, str] = {}
    for field, message in error.errors or (("body", error.detail),):
        found[field] = f"{found[field]}; {message}" if field in found else message
    return found


def _page(
    request: AnyRequest, brand: Brand | None, data: TemplatesForm, desk: Desk, error: NotifyError | None
) -> Response[str]:
    t = site_of(request).language(request)
    answer = site_of(request).page(
        request,
        brand,
        "templates.html",
        status=error.status if error else 400 if desk.errors else 200,
        form=data,
        desk=desk,
        kinds=[(kind, t(f"templates.kinds.{kind}")) for kind in TEMPLATE_KINDS],
        languages=[(code, t(f"templates.languages.{code}")) for code in languages().codes],
        placeholders=placeholders_of(known_kind(data.kind, data.language)),
        version=data.version if isinstance(error, Conflict) else desk.template.version,
    )
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


PAGE_ROUTES = (show_entrance, show_templates)

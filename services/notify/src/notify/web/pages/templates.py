"""A page on which an admin looks at each mail as a phone and a desktop show it, and changes its words.

The mail is shown in a frame that may do nothing. Which mail it is stands in the address, what was typed never does.
"""

from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, URLEncodedBody

from kit.requests import AnyRequest
from kit.tokens import StaffClaims
from kit.web.security import content_security_policy
from notify.domain.errors import Conflict, Invalid, NotifyError
from notify.domain.placeholders import TEMPLATE_KINDS, TemplateKind
from notify.domain.wording import Source
from notify.language import languages
from notify.usecases.save_template import Saving, save_template
from notify.usecases.view_templates import Template, view_template
from notify.web.pages.frame import TEMPLATES, site_of, staff_page
from notify.web.pages.session import require_session
from notify.web.templates_api import Preview, known_kind, placeholders_of, preview, show_preview
from notify.web.wiring import wired

POLICY = content_security_policy().replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""A mail's styles stand on its elements; the frame that shows it inherits the page's policy."""

Text = Annotated[str, msgspec.Meta(max_length=20_000)]


class WordsForm(msgspec.Struct, frozen=True):
    subject: Text = ""
    body: Text = ""
    version: Annotated[int, msgspec.Meta(ge=0, le=2_000_000_000)] = 0
    """The one that the words in the form followed."""
    action: Literal["try", "save", "default"] = "try"

    @property
    def source(self) -> Source:
        return Source(self.subject, self.body.replace("\r\n", "\n"))

    @property
    def kept(self) -> dict[str, str]:
        """To be tried once somebody has signed in again, never saved unasked."""
        return {"subject": self.subject, "body": self.body, "version": str(self.version), "action": "try"}


class Which(NamedTuple):
    """The mail that the address names."""

    kind: TemplateKind
    language: str

    @property
    def address(self) -> str:
        return f"{TEMPLATES.path}?{urlencode(self._asdict())}"


class Desk(NamedTuple):
    """What the page shows."""

    template: Template
    source: Source
    preview: Preview | None
    errors: dict[str, str]
    status: int = 200


@get(TEMPLATES.path, include_in_schema=False)
async def show(
    request: AnyRequest, kind: FromQuery[str] = TEMPLATE_KINDS[0], language: FromQuery[str] = "de"
) -> Response[str]:
    claims, which = _admin(request), Which(known_kind(kind, language), language)
    template = await _view(request, claims, which)
    return await _page(request, which, await _try(request, claims, which, template, template.current))


@post(TEMPLATES.path, include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest,
    data: URLEncodedBody[WordsForm],
    kind: FromQuery[str] = TEMPLATE_KINDS[0],
    language: FromQuery[str] = "de",
) -> Response[str]:
    claims, which = _admin(request, data), Which(known_kind(kind, language), language)
    refusal = await _save(request, claims, which, data) if data.action == "save" else None
    template = await _view(request, claims, which)
    if refusal:
        desk = Desk(template, data.source, None, _errors(refusal), refusal.status)
    else:
        source = template.default if data.action == "default" else data.source
        desk = await _try(request, claims, which, template, source)
    version = data.version if isinstance(refusal, Conflict) else None
    return await _page(request, which, desk, version=version, is_saved=data.action == "save" and not refusal)


def _admin(request: AnyRequest, data: WordsForm | None = None) -> StaffClaims:
    """Raises SignedOut, RoleMissing."""
    return require_session(request, TEMPLATES.role, data.kept if data else None)


async def _view(request: AnyRequest, claims: StaffClaims, which: Which) -> Template:
    return await view_template(wired(request).pool, claims.tenant, which.kind, which.language)


async def _save(request: AnyRequest, claims: StaffClaims, which: Which, data: WordsForm) -> NotifyError | None:
    wiring = wired(request)
    home, by = wiring.settings.own_pages_url.rstrip("/"), f"staff:{claims.subject}"
    saving = Saving(claims.tenant, which.kind, which.language, data.source, data.version, by)
    try:
        await save_template(wiring.pool, wiring.clock, home, saving)
    except (Invalid, Conflict) as error:
        return error
    return None


async def _try(request: AnyRequest, claims: StaffClaims, which: Which, template: Template, source: Source) -> Desk:
    try:
        rendered = await preview(request, claims.tenant, which.kind, which.language, source)
    except Invalid as error:
        return Desk(template, source, None, _errors(error), error.status)
    return Desk(template, source, show_preview(rendered), {})


def _errors(error: NotifyError) -> dict[str, str]:
    """Field → all that is said of it."""
    found: dict[str, str] = {}
    for field, message in error.errors or (("body", error.detail),):
        found[field] = f"{found[field]}; {message}" if field in found else message
    return found


async def _page(
    request: AnyRequest, which: Which, desk: Desk, *, version: int | None = None, is_saved: bool = False
) -> Response[str]:
    """`version`: that of the form, where another has come meanwhile."""
    t = site_of(request).language(request)
    answer = await staff_page(
        request,
        "templates.html",
        status=desk.status,
        which=which,
        desk=desk,
        is_saved=is_saved,
        kinds=[(kind, t(f"templates.kinds.{kind}")) for kind in TEMPLATE_KINDS],
        languages=[(code, t(f"templates.languages.{code}")) for code in languages().codes],
        placeholders=placeholders_of(which.kind),
        version=desk.template.version if version is None else version,
    )
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


ROUTES = (show, change)

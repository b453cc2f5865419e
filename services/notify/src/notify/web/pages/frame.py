"""What the pages for staff have in common: where they lead, who is signed in, and where their forms may come from."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from litestar import Response
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from kit.requests import AnyConnection, AnyRequest
from kit.web.brand import Brand
from kit.web.security import SAFE_METHODS
from kit.web.site import Site
from notify.web.access import ADMIN, OPERATOR
from notify.web.pages.session import PREFIX, Session, find_session


class Page(NamedTuple):
    path: str
    role: str
    name: str
    """Its title is `<name>.title`."""


OPERATIONS = Page(f"{PREFIX}/versand", OPERATOR, "operations")
TEMPLATES = Page(f"{PREFIX}/vorlagen", ADMIN, "templates")
PAGES = (OPERATIONS, TEMPLATES)
ROLES = frozenset(page.role for page in PAGES)


def own_form(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Guard: a form must prove that it comes from our own page. Raises 403.

    Stricter than the citizens' `same_origin`: what tells nothing is refused, too, since a proxy's sign-on goes along
    with any form. Browsers that send no `Sec-Fetch-Site` (or meet us by plain http) send `Origin`.
    """
    if connection.scope.get("method") in SAFE_METHODS:
        return
    site = connection.headers.get("sec-fetch-site")
    origin = urlsplit(connection.headers.get("origin", "")).netloc
    is_own = site == "same-origin" if site else bool(origin) and origin == connection.headers.get("host")
    if not is_own:
        raise PermissionDeniedException("This form was not sent from our own page.")


def site_of(request: AnyRequest) -> Site:
    site: Site = request.app.state.site
    return site


async def staff_page(request: AnyRequest, template: str, *, status: int = 200, **context: Any) -> Response[str]:
    session = find_session(request)
    brand = await site_of(request).brands.find(session.claims.tenant) if session else None
    return render(request, session, brand, template, status=status, **context)


def render(
    request: AnyRequest, session: Session | None, brand: Brand | None, template: str, *, status: int, **context: Any
) -> Response[str]:
    answer = site_of(request).page(
        request,
        brand,
        template,
        status=status,
        session=session,
        pages=pages_of(session),
        home=PREFIX,
        here=request.scope["path"],
        **context,
    )
    answer.headers["Referrer-Policy"] = "same-origin"  # without it browsers hide the Origin of our own forms
    return answer


def pages_of(session: Session | None) -> list[Page]:
    return [page for page in PAGES if session and page.role in session.claims.roles]

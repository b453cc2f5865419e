"""The link "Ich kann nicht" of a clerk's mail."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.errors import Unauthorised
from booking.domain.reassigning import Refusal
from booking.usecases.refuse_visit import read_refusal, refuse_visit, view_refusal
from booking.web.pages.visit import Visit, enter
from kit.requests import AnyRequest

COOKIE = "schalter_refusal"


@get("/{tenant:str}/verhindert/{token:str}", include_in_schema=False)
async def open_link(request: AnyRequest, tenant: FromPath[str], token: FromPath[str]) -> Response[Any]:
    """From the mail. The token leaves the address at once; looking at it says nothing to anybody."""
    here = await enter(request, tenant, "clerk")
    refusal = read_refusal(here.wiring.settings.link_key, token)
    path = here.url(f"/verhindert/eintrag/{refusal.assignment_id}")
    return here.site.redirect(request, path, [here.site.cookie(COOKIE, token)])


@get("/{tenant:str}/verhindert/eintrag/{assignment_id:uuid}", include_in_schema=False)
async def ask(request: AnyRequest, tenant: FromPath[str], assignment_id: FromPath[UUID]) -> Response[Any]:
    """Only shows: a link scanner that follows every link declines nothing."""
    here = await enter(request, tenant, "clerk")
    return await _page(here, _refusal(here, assignment_id))


@post("/{tenant:str}/verhindert/eintrag/{assignment_id:uuid}", include_in_schema=False)
async def refuse(request: AnyRequest, tenant: FromPath[str], assignment_id: FromPath[UUID]) -> Response[Any]:
    """Pressed twice, it says the same again."""
    here = await enter(request, tenant, "clerk")
    refusal = _refusal(here, assignment_id)
    await refuse_visit(here.wiring.pool, here.wiring.clock, tenant, refusal)
    return here.redirect(here.url(f"/verhindert/eintrag/{assignment_id}"))


def _refusal(here: Visit, assignment_id: UUID) -> Refusal:
    """The page names the entry, so that of two tabs each declines its own. Raises Unauthorised."""
    refusal = read_refusal(here.wiring.settings.link_key, here.request.cookies.get(COOKIE, ""))
    if refusal.assignment_id != assignment_id:
        raise Unauthorised("Another link was opened in the meantime. Open this one again.")
    return refusal


async def _page(here: Visit, refusal: Refusal) -> Response[str]:
    view = await view_refusal(here.wiring.pool, here.wiring.clock, here.tenant, refusal, here.t.code)
    return here.page("refusal.html", visit=view, assignment_id=refusal.assignment_id)


ROUTES = (open_link, ask, refuse)

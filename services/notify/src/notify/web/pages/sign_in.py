"""Signing in and out, and what those see who may not see a page."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from kit.requests import AnyRequest
from notify.domain.errors import Forbidden, Unauthorised
from notify.web.pages.frame import ROLES, pages_of, render, site_of, staff_page
from notify.web.pages.session import PREFIX, RoleMissing, SignedOut, begin_session, end_session, find_session

SIGN_IN = f"{PREFIX}/anmelden"
Fields = dict[Annotated[str, msgspec.Meta(max_length=40)], Annotated[str, msgspec.Meta(max_length=20_000)]]
OWN_FIELDS = frozenset({"token", "to"})


@get(PREFIX, include_in_schema=False)
async def go_home(request: AnyRequest) -> Redirect:
    """To the first page that one may open."""
    pages = pages_of(find_session(request))
    return site_of(request).redirect(request, pages[0].path if pages else SIGN_IN)


@get(SIGN_IN, include_in_schema=False)
async def show_sign_in(request: AnyRequest) -> Response[str]:
    return await staff_page(request, "sign_in.html", error=None, has_ended=False, to=PREFIX, kept={})


@post(SIGN_IN, include_in_schema=False, status_code=303)
async def sign_in(request: AnyRequest, data: URLEncodedBody[Fields]) -> Response[Any]:
    """What was typed before goes along: 307 sends the form once more, now to the page that it is for."""
    kept = {name: value for name, value in data.items() if name not in OWN_FIELDS}
    to = _own_address(data.get("to", ""))
    try:
        cookie = begin_session(request, data.get("token", "").strip(), ROLES)
    except (Unauthorised, Forbidden) as error:
        return await staff_page(
            request, "sign_in.html", status=error.status, error=error.code, has_ended=False, to=to, kept=kept
        )
    return Redirect(to, status_code=307 if kept else 303, cookies=[cookie])


@post(f"{PREFIX}/abmelden", include_in_schema=False)
async def sign_out(request: AnyRequest) -> Redirect:
    return site_of(request).redirect(request, SIGN_IN, [end_session(request)])


def on_signed_out(request: AnyRequest, error: SignedOut) -> Response[str]:
    """The page that was asked for asks who it is. Only forms had somebody signed in before."""
    path, query = request.scope["path"], request.scope["query_string"].decode("ascii", "replace")
    has_ended = request.method == "POST"
    to = PREFIX if has_ended and not error.kept else f"{path}?{query}" if query else path
    return render(
        request,
        None,
        None,
        "sign_in.html",
        status=error.status,
        error=None,
        has_ended=has_ended,
        to=to,
        kept=error.kept,
    )


def on_role_missing(request: AnyRequest, error: RoleMissing) -> Response[str]:
    brand = site_of(request).brands.known(error.session.claims.tenant)
    return render(request, error.session, brand, "role_missing.html", status=error.status, role=error.role)


def _own_address(path: str) -> str:
    """No other address: a form that names one leads home."""
    return path if path.startswith(f"{PREFIX}/") else PREFIX


ROUTES = (go_home, show_sign_in, sign_in, sign_out)

"""The conformance kit for portals as a page, and as a call that answers with its report."""

import re
from typing import Annotated

import httpx
import msgspec
from litestar import Response, Router, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import ValidationException
from litestar.params import Body

from demo.conformance.examine import Report, Subject, examine, subject_of
from kit.clock import system_clock
from kit.requests import AnyRequest
from kit.trust import public_authorities
from kit.web.site import Site

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
FIELDS = ("url", "secret", "payment_id", "watch")


@get("/conformance")
async def show(request: AnyRequest) -> Response[str]:
    return _page(request, {})


@post("/conformance")
async def judge(request: AnyRequest, data: Form) -> Response[str]:
    site: Site = request.app.state.site
    values = {name: data.get(name, "") for name in FIELDS}
    t = site.language(request)
    try:
        subject = subject_of(values)
    except msgspec.ValidationError as error:
        return _page(request, values, errors={_place(str(error)): t("conformance.wrong")})
    return _page(request, values, report=await _examine(subject, t.code))


@post("/control/conformance", status_code=200)
async def report(request: AnyRequest) -> Report:
    """The same for programs: `{url, secret, payment_id?, watch?}`."""
    try:
        subject = subject_of(msgspec.json.decode(await request.body(), type=dict[str, str]))
    except msgspec.MsgspecError as error:
        raise ValidationException(str(error)) from None
    return await _examine(subject, "en")


async def _examine(subject: Subject, language: str) -> Report:
    async with httpx.AsyncClient(verify=public_authorities()) as http:
        return await examine(http, subject, system_clock, language)


def _place(message: str) -> str:
    found = re.search(r"(?:field `|at `\$\.)(\w+)`", message)
    return found.group(1) if found else "url"


def _page(
    request: AnyRequest, values: dict[str, str], *, errors: dict[str, str] | None = None, report: Report | None = None
) -> Response[str]:
    site: Site = request.app.state.site
    shown = dict.fromkeys(FIELDS, "") | values
    status = 400 if errors else 200
    return site.page(request, None, "conformance.html", status=status, values=shown, errors=errors or {}, report=report)


PAGES = (show, judge)
ROUTES = Router("/", route_handlers=[report])

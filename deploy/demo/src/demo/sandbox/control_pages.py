"""The control desk and the magic numbers as pages: all that the control API can do, by hand and without JavaScript."""

import re
from typing import Annotated, get_args

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect

from demo.sandbox import magic
from demo.sandbox.book import EVERYBODY
from demo.sandbox.control import intervene_by_name
from demo.sandbox.desk import Desk
from demo.sandbox.faults import Faults, Webhooks
from demo.sandbox.interventions import possible
from demo.sandbox.sale import Sale
from kit.requests import AnyRequest
from kit.web.site import Site

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
SALES_SHOWN = 25
ZONE = "Europe/Berlin"
GROUPS = {
    "commands": ("fail_before", "fail_after", "timeout_before", "timeout_after", "timeout_s"),
    "answers": ("fail_reads", "latency_ms", "slow_calls"),
    "webhooks": ("webhook_delay_s", "webhook_events"),
}
"""The fields of the form, in the order in which people look for them."""


@get("/")
async def home(request: AnyRequest) -> Redirect:
    site: Site = request.app.state.site
    return site.redirect(request, "/control")


@get("/magic")
async def show_magic(request: AnyRequest) -> Response[str]:
    site: Site = request.app.state.site
    return site.page(request, None, "magic.html", amounts=magic.AMOUNTS, cards=magic.CARDS, seconds=magic.PENDING_S)


@get("/control")
async def show_control(
    request: AnyRequest, account: FromQuery[str] = EVERYBODY, reference: FromQuery[str] = ""
) -> Response[str]:
    desk: Desk = request.app.state.desk
    return _control(request, account, desk.book.read_faults(account)[1], reference=reference.strip())


@post("/control")
async def order_faults(request: AnyRequest, data: Form) -> Response[str] | Redirect:
    """The button `mend` brings back what is normal, for the chosen account or for everybody."""
    desk, site = request.app.state.desk, request.app.state.site
    account = data.get("account", EVERYBODY)
    if account not in (EVERYBODY, *desk.accounts.tenants):
        account = EVERYBODY
    fields = {} if "mend" in data else {name: data[name].strip() or "0" for name in _FIELDS if name in data}
    try:
        faults = msgspec.convert(fields, Faults, strict=False)
    except msgspec.ValidationError as error:
        return _control(request, account, fields, errors=_named(str(error), site.language(request)("control.count")))
    desk.book.order_faults(account, faults)
    redirect: Redirect = site.redirect(request, f"/control?account={account}#faults")
    return redirect


@post("/control/act/{sale_id:str}")
async def act(request: AnyRequest, sale_id: FromPath[str], data: Form) -> Redirect:
    """A second click finds nothing more to do, and that is no fault of the person's."""
    site: Site = request.app.state.site
    try:
        intervene_by_name(request.app.state.desk, sale_id, data.get("what", ""))
    except HTTPException as error:
        if error.status_code != 409:
            raise
    return site.redirect(request, f"/control#{sale_id}")


_FIELDS = ("webhooks", *(name for names in GROUPS.values() for name in names))


def _named(message: str, text: str) -> dict[str, str]:
    place = re.search(r"at `\$\.(\w+)`", message)
    return {place.group(1) if place else "webhooks": text}


def _control(
    request: AnyRequest,
    account: str,
    faults: Faults | dict[str, str],
    *,
    reference: str = "",
    errors: dict[str, str] | None = None,
) -> Response[str]:
    desk, site = request.app.state.desk, request.app.state.site
    values = msgspec.to_builtins(Faults()) | (msgspec.to_builtins(faults) if isinstance(faults, Faults) else faults)
    page: Response[str] = site.page(
        request,
        None,
        "control.html",
        status=400 if errors else 200,
        account=account,
        accounts=desk.accounts.tenants,
        ordered=desk.book.list_faults(),
        values=values,
        errors=errors or {},
        groups=GROUPS,
        webhook_modes=get_args(Webhooks),
        sales=_newest(desk, reference),
        reference=reference,
        possible=possible,
        zone=ZONE,
    )
    return page


def _newest(desk: Desk, reference: str) -> list[Sale]:
    return desk.book.list_sales(reference or None)[: -SALES_SHOWN - 1 : -1]


HANDLERS = (home, show_magic, show_control, order_faults, act)

"""An invitation's link: the service is fixed, the citizen chooses a time, and the booking goes on as every other."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.errors import Gone, Invalid, NotFound, SlotTaken
from booking.domain.invitation import Invitation, invited_plans
from booking.domain.visit_plan import VisitPlan
from booking.usecases.follow_invitation import find_begun, follow_invitation, hold_invited
from booking.usecases.hold_slot import Request as HoldRequest
from booking.web.pages.items import total_rows
from booking.web.pages.times import list_days, list_times, read_start, require_day
from booking.web.pages.visit import Visit, enter, item_lines
from kit.idempotency import fingerprint
from kit.ids import uuid7
from kit.requests import AnyRequest
from kit.tokens import sign_id

COOKIE = "schalter_invitation"


@get("/{tenant:str}/einladung/{token:str}", include_in_schema=False)
async def open_link(request: AnyRequest, tenant: FromPath[str], token: FromPath[str]) -> Response[Any]:
    """From the mail. The token leaves the address at once; looking at it uses nothing up."""
    here = await enter(request, tenant)
    try:
        await _follow(here, token)
    except (Gone, NotFound):
        return _over(here)
    return here.site.redirect(request, here.url("/einladung"), [here.site.cookie(COOKIE, token)])


@get("/{tenant:str}/einladung", include_in_schema=False)
async def choose_day(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    here = await enter(request, tenant)
    try:
        invitation = await _follow(here, request.cookies.get(COOKIE, ""))
    except (Gone, NotFound):
        return _over(here)
    begun = await find_begun(here.wiring.pool, here.wiring.clock, invitation)
    if begun:
        return here.remember(_access_token(here, begun.grant_id), here.url(f"/termin/{begun.appointment_id}/kontakt"))
    catalogue = await here.wiring.catalogues.get(tenant)
    plans = invited_plans(catalogue, invitation)
    facts = [
        (here.t("fact.what"), item_lines(here, catalogue, invitation.requested)),
        *total_rows(here, plans, here.today),
        (here.t("fact.where"), _where(here, plans)),
    ]
    return here.page("invitation.html", invitation=invitation, facts=facts, listed=await list_days(here, plans))


@get("/{tenant:str}/einladung/zeiten/tag", include_in_schema=False)
async def choose_time(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    here = await enter(request, tenant)
    try:
        invitation = await _follow(here, request.cookies.get(COOKIE, ""))
    except (Gone, NotFound):
        return _over(here)
    return await _times(here, invitation, require_day(request.query_params.get("day")))


@post("/{tenant:str}/einladung", include_in_schema=False)
async def reserve(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    """The key in the form makes a double-click one reservation."""
    here = await enter(request, tenant)
    form = await here.form()
    try:
        invitation = await _follow(here, request.cookies.get(COOKIE, ""))
    except (Gone, NotFound):
        return _over(here)
    catalogue = await here.wiring.catalogues.get(tenant)
    day = require_day(form.get("day"))
    try:
        start = read_start(invited_plans(catalogue, invitation), form)
        key = f"invitation:{invitation.id}:{form.get('key') or uuid7()}:{start.isoformat()}"
        asked = HoldRequest(start, key, fingerprint(b""))
        held = await hold_invited(here.wiring.pool, catalogue, here.wiring.clock, invitation, asked)
    except SlotTaken:
        return await _times(here, invitation, day, fault="taken", status=409)
    except Invalid:
        return await _times(here, invitation, day, fault="wrong", status=400)
    return here.remember(_access_token(here, held.grant_id), here.url(f"/termin/{held.id}/kontakt"))


async def _follow(here: Visit, token: str) -> Invitation:
    """Raises Unauthorised, Gone, NotFound."""
    wiring = here.wiring
    invitation = await follow_invitation(wiring.pool, wiring.settings.link_key, wiring.clock, token)
    if invitation.tenant != here.tenant:
        raise NotFound("There is no such invitation.")
    return invitation


def _over(here: Visit) -> Response[str]:
    return here.page("invitation_over.html", status=410)


async def _times(
    here: Visit, invitation: Invitation, day: date, fault: str | None = None, status: int = 200
) -> Response[str]:
    catalogue = await here.wiring.catalogues.get(here.tenant)
    plans: list[VisitPlan] = invited_plans(catalogue, invitation)
    path = here.url("/einladung")
    return here.page(
        "times.html",
        status=status,
        names=item_lines(here, catalogue, invitation.requested),
        listed=await list_times(here, plans, day),
        fault=fault,
        moving=False,
        action=path,
        hidden={},
        key=uuid7(),
        back=path,
    )


def _where(here: Visit, plans: Sequence[VisitPlan]) -> list[str]:
    if plans[0].channel != "on_site":
        return [here.t(f"fact.by.{plans[0].channel}")]
    places = [plan.location for plan in plans]
    return list(dict.fromkeys(f"{place.name}, {place.street}, {place.postcode} {place.city}" for place in places))


def _access_token(here: Visit, grant_id: Any) -> str:
    return sign_id(here.wiring.settings.link_key, "access", grant_id)


ROUTES = (open_link, choose_day, choose_time, reserve)

"""`/v1/staff/appointments`: the day's list, finding a visit, and looking at one."""

from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from booking.usecases.list_visits import VisitPage, VisitQuery, clerk_of, list_visits
from booking.usecases.view_appointment import Access
from booking.usecases.view_visit import VisitDetail, VisitView, view_visit
from booking.web.staff.access import VISITS, require_staff
from booking.web.wiring import wired
from contracts.booking import AppointmentState
from kit.requests import AnyRequest


class VisitList(msgspec.Struct):
    items: list[VisitView]
    next_cursor: str | None


class VisitSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's name stands in a body, never in a URL."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=120)]
    day: date | None = None
    """Null: any day."""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None


@get("/v1/staff/appointments")
async def list_day(
    request: AnyRequest,
    *,
    day: FromQuery[date | None] = None,
    location: FromQuery[UUID | None] = None,
    clerk: Annotated[str | None, QueryParameter(max_length=40, description='A clerk\'s id, or "me".')] = None,
    states: Annotated[list[AppointmentState] | None, QueryParameter(name="state")] = None,
    q: Annotated[str, QueryParameter(max_length=40, description="The beginning of a number; on any day.")] = "",
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> VisitList:
    """By start. Without `state`: what stands that day; `day` is today where nothing is said."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    clerk_id = await clerk_of(wiring.pool, claims.tenant, clerk, claims.subject)
    query = VisitQuery(
        day=day, location_id=location, clerk_id=clerk_id, states=tuple(states or ()), number=q, cursor=cursor
    )
    return await _list(request, claims.tenant, query)


@post("/v1/staff/appointments/search", status_code=200)
async def search(request: AnyRequest, data: JSONBody[VisitSearch]) -> VisitList:
    """By name: each word must begin one of the person's names. It changes nothing, so it needs no key."""
    claims = require_staff(request, VISITS)
    return await _list(request, claims.tenant, VisitQuery(name=data.name, day=data.day, cursor=data.cursor))


async def _list(request: AnyRequest, tenant: str, query: VisitQuery) -> VisitList:
    wiring = wired(request)
    zone = ZoneInfo((await wiring.catalogues.get(tenant)).time_zone)
    page: VisitPage = await list_visits(wiring.pool, tenant, zone, query, wiring.clock())
    return VisitList(list(page.visits), page.next_cursor)


@get("/v1/staff/appointments/{appointment_id:uuid}")
async def read(request: AnyRequest, appointment_id: FromPath[UUID]) -> VisitDetail:
    claims, wiring = require_staff(request, VISITS), wired(request)
    return await view_visit(wiring.pool, Access(claims.tenant, appointment_id), wiring.clock())


routes = (list_day, search, read)

"""`POST /v1/staff/appointments`, `GET /v1/staff/availability`: booking for who calls, stands there, or walks in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from booking.domain.catalogue import Channel
from booking.domain.errors import Forbidden
from booking.domain.served_lanes import served_by
from booking.domain.times import DAYS_MAX
from booking.domain.visit_plan import plan_visit
from booking.usecases.book_for_caller import BookingKey, StaffBooking, book_for_caller
from booking.usecases.find_times import FreeTimes, days_to_list, find_times
from booking.usecases.list_visits import clerk_of
from booking.usecases.reschedule_visit import reschedule_visit
from booking.usecases.view_visit import VisitDetail
from booking.web.appointments_api import IdempotencyKey
from booking.web.catalogue_api import parse_day, parse_items
from booking.web.staff.access import PLANNING, VISITS, by, require_staff, require_staff_step, role_words
from booking.web.wiring import wired
from kit.idempotency import fingerprint
from kit.requests import AnyRequest


class StaffMove(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    start: Annotated[datetime, msgspec.Meta(tz=True)]
    clerk_id: UUID | None = None


@post("/v1/staff/appointments")
async def post_booking(
    request: AnyRequest, data: JSONBody[StaffBooking], idempotency_key: IdempotencyKey
) -> VisitDetail:
    """Confirmed at once, without notice, window and quota. Who walks in is checked in, too."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    if data.overbook and not set(claims.roles) & PLANNING:
        raise Forbidden(f"Overbooking needs {role_words(PLANNING)}.")
    catalogue = await wiring.catalogues.get(claims.tenant)
    once = BookingKey(idempotency_key, fingerprint(data))
    return await book_for_caller(wiring.pool, catalogue, wiring.clock, data, once, by(claims))


@get("/v1/staff/availability")
async def get_availability(
    request: AnyRequest,
    *,
    items: Annotated[
        str, QueryParameter(max_length=1000, description="SERVICE_ID:QUANTITY, several joined by commas.")
    ],
    first_day: Annotated[str | None, QueryParameter(name="from")] = None,
    days: Annotated[int, QueryParameter(ge=1, le=DAYS_MAX)] = 7,
    location: FromQuery[UUID | None] = None,
    clerk: Annotated[str | None, QueryParameter(max_length=40, description='A clerk\'s id, or "me".')] = None,
    channel: FromQuery[Channel] = "on_site",
) -> FreeTimes:
    """What the staff may book: each five minutes from now on, also what is kept from the public."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    catalogue = await wiring.catalogues.get(claims.tenant)
    clerk_id = await clerk_of(wiring.pool, claims.tenant, clerk, claims.subject)
    plans = plan_visit(catalogue, parse_items(items), location_id=location, channel=channel)
    plans = served_by(catalogue, plans, clerk_id)
    now = wiring.clock()
    wanted = days_to_list(plans, parse_day("from", first_day), days, now)
    return await find_times(wiring.pool, claims.tenant, plans, wanted, now, internal=True, any_time=True)


@post("/v1/staff/appointments/{appointment_id:uuid}/reschedule", status_code=200)
async def post_reschedule(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[StaffMove], idempotency_key: IdempotencyKey
) -> VisitDetail:
    """Number and the citizen's calendar entry stay. The clerk stays, if free then and none is named."""
    wiring = wired(request)
    access, who, once = await require_staff_step(request, appointment_id, "reschedule", idempotency_key, data)
    catalogue = await wiring.catalogues.get(access.tenant)
    return await reschedule_visit(
        wiring.pool, catalogue, wiring.clock, access, data.start, who, clerk_id=data.clerk_id, once=once
    )


routes = (post_booking, get_availability, post_reschedule)

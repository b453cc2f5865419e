"""`/v1/staff/appointments/{id}/rebooking…`: the office cannot keep a visit, and finds another time with its citizen."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from booking.domain.notes import NOTE_MAX, tidy_note
from booking.usecases.decline_rebooking import decline_rebooking_of
from booking.usecases.offer_rebooking import offer_rebooking_of
from booking.usecases.rebook_appointment import rebook_appointment
from booking.usecases.view_appointment import AppointmentView
from booking.web.appointments_api import IdempotencyKey
from booking.web.manage_api import NewTime
from booking.web.staff.access import require_staff_step
from booking.web.wiring import wired
from kit.requests import AnyRequest


class RebookingOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    note: Annotated[str, msgspec.Meta(max_length=NOTE_MAX)] = ""
    """Why, in words for the citizen."""


@post("/v1/staff/appointments/{appointment_id:uuid}/rebooking-offer", status_code=200)
async def offer(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[RebookingOffer], idempotency_key: IdempotencyKey
) -> AppointmentView:
    wiring = wired(request)
    access, who, once = await require_staff_step(request, appointment_id, "rebooking-offer", idempotency_key, data)
    return await offer_rebooking_of(wiring.pool, wiring.clock, access, tidy_note(data.note), who, once=once)


@post("/v1/staff/appointments/{appointment_id:uuid}/rebooking", status_code=200)
async def rebook(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[NewTime], idempotency_key: IdempotencyKey
) -> AppointmentView:
    wiring = wired(request)
    access, who, once = await require_staff_step(request, appointment_id, "rebooking", idempotency_key, data)
    catalogue = await wiring.catalogues.get(access.tenant)
    return await rebook_appointment(wiring.pool, catalogue, wiring.clock, access, data.start, who, once=once)


@post("/v1/staff/appointments/{appointment_id:uuid}/rebooking/refusal", status_code=200)
async def decline(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> AppointmentView:
    """On the citizen's word: the money goes back now."""
    wiring = wired(request)
    access, who, once = await require_staff_step(request, appointment_id, "rebooking-refusal", idempotency_key)
    return await decline_rebooking_of(wiring.pool, wiring.clock, access, who, once=once)


routes = (offer, rebook, decline)

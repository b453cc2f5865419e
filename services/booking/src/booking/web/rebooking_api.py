"""`/v1/appointments/{id}/rebooking`: another time for a visit that the office could not keep, or none."""

from uuid import UUID

from litestar import post
from litestar.params import FromPath, JSONBody

from booking.domain.appointment import By
from booking.usecases.decline_rebooking import decline_rebooking_of
from booking.usecases.rebook_appointment import rebook_appointment
from booking.usecases.view_appointment import AppointmentView
from booking.web.access import require_step
from booking.web.appointments_api import IdempotencyKey
from booking.web.manage_api import NewTime
from booking.web.wiring import wired
from kit.requests import AnyRequest

CITIZEN = By("citizen")


@post("/v1/appointments/{appointment_id:uuid}/rebooking", status_code=200)
async def rebook(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[NewTime], idempotency_key: IdempotencyKey
) -> AppointmentView:
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "rebooking", idempotency_key, data)
    catalogue = await wiring.catalogues.get(access.tenant)
    return await rebook_appointment(wiring.pool, catalogue, wiring.clock, access, data.start, CITIZEN, once=once)


@post("/v1/appointments/{appointment_id:uuid}/rebooking/refusal", status_code=200)
async def decline(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> AppointmentView:
    """No other time is wanted: the money goes back now."""
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "rebooking-refusal", idempotency_key)
    return await decline_rebooking_of(wiring.pool, wiring.clock, access, CITIZEN, once=once)


routes = (rebook, decline)

"""`/v1/appointments/{id}/…`: what the holder of an appointment's token may do, and the letter that notify asks for."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from booking.domain.notes import tidy_note
from booking.usecases.arrive import arrive
from booking.usecases.begin_payment import begin_payment
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.change_items import ItemChange, change_visit_items
from booking.usecases.confirm_appointment import Confirmation, confirm_appointment
from booking.usecases.extend_hold import extend_hold
from booking.usecases.find_appointment import find_appointment
from booking.usecases.publish_calendar import publish_calendar
from booking.usecases.reschedule_appointment import reschedule_appointment
from booking.usecases.view_appointment import AppointmentView, view_appointment
from booking.usecases.write_letter import write_letter, write_letters
from booking.web.access import require_access, require_service, require_step
from booking.web.appointments_api import IdempotencyKey
from booking.web.fairness import gate_of
from booking.web.wiring import wired
from contracts.booking import LETTERS_MAX, Letter, Letters
from kit.ical import MEDIA_TYPE
from kit.requests import AnyRequest


class PaymentWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mode: Literal["online", "counter"] = "online"


class NewTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    start: Annotated[datetime, msgspec.Meta(tz=True)]


class Cancellation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, msgspec.Meta(max_length=500)] | None = None


class Arrival(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    location_code: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    """Of the poster at the entrance."""


class LostLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]


@get("/v1/appointments/{appointment_id:uuid}")
async def read(request: AnyRequest, appointment_id: FromPath[UUID]) -> AppointmentView:
    access = await require_access(request, appointment_id)
    return await view_appointment(wired(request).pool, access)


@get("/v1/appointments/{appointment_id:uuid}/calendar.ics")
async def calendar(request: AnyRequest, appointment_id: FromPath[UUID]) -> Response[bytes]:
    access = await require_access(request, appointment_id)
    return calendar_file(await publish_calendar(wired(request).pool, access))


def calendar_file(data: bytes) -> Response[bytes]:
    disposition = 'attachment; filename="termin.ics"'
    return Response(data, media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition})


@post("/v1/appointments/{appointment_id:uuid}/extension", status_code=200)
async def extend(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> AppointmentView:
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "extension", idempotency_key)
    return await extend_hold(wiring.pool, wiring.clock, access, once=once)


@post("/v1/appointments/{appointment_id:uuid}/confirmation", status_code=200)
async def confirm(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[Confirmation], idempotency_key: IdempotencyKey
) -> AppointmentView:
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "confirmation", idempotency_key, data)
    gate = await gate_of(request, access.tenant, data.contact, data.altcha)
    return await confirm_appointment(wiring.pool, wiring.checkout, wiring.clock, access, data, gate, once=once)


@post("/v1/appointments/{appointment_id:uuid}/payment", status_code=200)
async def pay(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[PaymentWish], idempotency_key: IdempotencyKey
) -> AppointmentView:
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "payment", idempotency_key, data)
    return await begin_payment(wiring.pool, wiring.checkout, wiring.clock, access, data.mode, once=once)


@post("/v1/appointments/{appointment_id:uuid}/reschedule", status_code=200)
async def reschedule(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[NewTime], idempotency_key: IdempotencyKey
) -> AppointmentView:
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "reschedule", idempotency_key, data)
    catalogue = await wiring.catalogues.get(access.tenant)
    return await reschedule_appointment(wiring.pool, catalogue, wiring.clock, access, data.start, once=once)


@post("/v1/appointments/{appointment_id:uuid}/items", status_code=200)
async def change_items(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[ItemChange], idempotency_key: IdempotencyKey
) -> AppointmentView:
    """A longer visit keeps its time if the next minutes are free; else 409 names `alternatives` for `start`."""
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "items", idempotency_key, data)
    catalogue = await wiring.catalogues.get_public(access.tenant)
    await change_visit_items(wiring.pool, catalogue, wiring.clock, access, data, once=once)
    return await view_appointment(wiring.pool, access)


@post("/v1/appointments/{appointment_id:uuid}/cancellation", status_code=200)
async def cancel(
    request: AnyRequest,
    appointment_id: FromPath[UUID],
    idempotency_key: IdempotencyKey,
    data: JSONBody[Cancellation | None] = None,
) -> AppointmentView:
    wiring = wired(request)
    data = data or Cancellation()
    access, once = await require_step(request, appointment_id, "cancellation", idempotency_key, data)
    return await cancel_appointment(
        wiring.pool, wiring.clock, access, reason=tidy_note(data.reason or "") or None, once=once
    )


@post("/v1/appointments/{appointment_id:uuid}/check-in", status_code=200)
async def check_in(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[Arrival], idempotency_key: IdempotencyKey
) -> AppointmentView:
    """From 30 minutes before the visit until 15 minutes after its start, by who stands at the place."""
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "check-in", idempotency_key, data)
    return await arrive(wiring.pool, wiring.clock, access, data.location_code, once=once)


@post("/v1/tenants/{tenant:str}/find-appointment", status_code=202)
async def find(request: AnyRequest, tenant: FromPath[str], data: JSONBody[LostLink]) -> Response[None]:
    """Always the same answer, whether the two fit or not."""
    await find_appointment(wired(request).pool, wired(request).clock, tenant, data.number, data.email)
    return Response(None, status_code=202)


@get("/internal/v1/appointments/{appointment_id:uuid}/letter", include_in_schema=False)
async def letter(request: AnyRequest, appointment_id: FromPath[UUID]) -> Letter:
    require_service(request)
    wiring = wired(request)
    return await write_letter(wiring.pool, wiring.links, wiring.clock, appointment_id)


@get("/internal/v1/letters", include_in_schema=False)
async def letters(
    request: AnyRequest, ids: Annotated[list[UUID], QueryParameter(name="id", max_items=LETTERS_MAX)]
) -> Letters:
    require_service(request)
    wiring = wired(request)
    return await write_letters(wiring.pool, wiring.links, wiring.clock, ids)


routes = (read, calendar, extend, confirm, pay, reschedule, change_items, cancel, check_in, find, letter, letters)

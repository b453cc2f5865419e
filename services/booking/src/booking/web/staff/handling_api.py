"""`/v1/staff/appointments/{id}/…`: handling a single visit."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from booking.domain.attendance import call, check_in, complete, miss
from booking.domain.notes import NOTE_MAX, tidy_note
from booking.usecases.attend_visit import Step, attend_visit
from booking.usecases.cancel_visit import cancel_visit
from booking.usecases.change_items import ItemChange, change_visit_items
from booking.usecases.reassign_visit import reassign_visit
from booking.usecases.record_counter_payment import record_counter_payment
from booking.usecases.view_visit import VisitDetail, view_visit
from booking.web.appointments_api import IdempotencyKey
from booking.web.staff.access import require_staff_step
from booking.web.wiring import wired
from kit.requests import AnyRequest


class OfficeCancellation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    note: Annotated[str, msgspec.Meta(max_length=NOTE_MAX)] = ""
    """To the citizen: why. On the citizen's word: the citizen's reason."""
    on_behalf_of_citizen: bool = False


class Reassignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    clerk_id: UUID


class CounterPayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount_cents: Annotated[int, msgspec.Meta(ge=0, le=10_000_00)]


@post("/v1/staff/appointments/{appointment_id:uuid}/check-in", status_code=200)
async def post_check_in(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> VisitDetail:
    """Also of who was a no-show and came after all."""
    return await _attend(request, appointment_id, "check-in", check_in, idempotency_key)


@post("/v1/staff/appointments/{appointment_id:uuid}/call", status_code=200)
async def post_call(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> VisitDetail:
    return await _attend(request, appointment_id, "call", call, idempotency_key)


@post("/v1/staff/appointments/{appointment_id:uuid}/completion", status_code=200)
async def post_completion(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> VisitDetail:
    return await _attend(request, appointment_id, "completion", complete, idempotency_key)


@post("/v1/staff/appointments/{appointment_id:uuid}/no-show", status_code=200)
async def post_no_show(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> VisitDetail:
    return await _attend(request, appointment_id, "no-show", miss, idempotency_key)


async def _attend(request: AnyRequest, appointment_id: UUID, verb: str, step: Step, key: str) -> VisitDetail:
    wiring = wired(request)
    access, who, once = await require_staff_step(request, appointment_id, verb, key, b"")
    return await attend_visit(wiring.pool, wiring.clock, access, step, who, once=once)


@post("/v1/staff/appointments/{appointment_id:uuid}/cancellation", status_code=200)
async def post_cancellation(
    request: AnyRequest,
    appointment_id: FromPath[UUID],
    data: JSONBody[OfficeCancellation],
    idempotency_key: IdempotencyKey,
) -> VisitDetail:
    """By the office, or on the citizen's word. In both cases all that was paid goes back."""
    wiring = wired(request)
    access, who, once = await require_staff_step(request, appointment_id, "cancellation", idempotency_key, data)
    return await cancel_visit(
        wiring.pool,
        wiring.clock,
        access,
        tidy_note(data.note),
        who,
        for_citizen=data.on_behalf_of_citizen,
        once=once,
    )


@post("/v1/staff/appointments/{appointment_id:uuid}/reassignment", status_code=200)
async def post_reassignment(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[Reassignment], idempotency_key: IdempotencyKey
) -> VisitDetail:
    """Another clerk at the same time and place, who serves these services and is free then."""
    wiring = wired(request)
    access, who, once = await require_staff_step(request, appointment_id, "reassignment", idempotency_key, data)
    return await reassign_visit(wiring.pool, wiring.clock, access, data.clerk_id, who, once=once)


@post("/v1/staff/appointments/{appointment_id:uuid}/items", status_code=200)
async def post_items(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[ItemChange], idempotency_key: IdempotencyKey
) -> VisitDetail:
    """Other services or persons, also after the citizen's deadline; the internal quota counts."""
    wiring = wired(request)
    access, who, once = await require_staff_step(request, appointment_id, "items", idempotency_key, data)
    await view_visit(wiring.pool, access, wiring.clock())  # of another town: answered like one that does not exist
    catalogue = await wiring.catalogues.get(access.tenant)
    await change_visit_items(wiring.pool, catalogue, wiring.clock, access, data, by=who, once=once)
    return await view_visit(wiring.pool, access, wiring.clock())


@post("/v1/staff/appointments/{appointment_id:uuid}/counter-payment", status_code=200)
async def post_counter_payment(
    request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[CounterPayment], idempotency_key: IdempotencyKey
) -> VisitDetail:
    """For statistics and the treasury; again to correct it. No cash is handled here."""
    wiring = wired(request)
    access, who, once = await require_staff_step(request, appointment_id, "counter-payment", idempotency_key, data)
    return await record_counter_payment(wiring.pool, wiring.clock, access, data.amount_cents, who, once=once)


routes = (
    post_check_in,
    post_call,
    post_completion,
    post_no_show,
    post_cancellation,
    post_reassignment,
    post_items,
    post_counter_payment,
)

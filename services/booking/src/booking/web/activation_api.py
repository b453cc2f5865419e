"""`/v1/appointments/{id}/activation…`: a guest's mail address is proved, where the tenant wants it."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from booking.usecases.activate_appointment import activate_appointment
from booking.usecases.ask_activation import ask_activation_again
from booking.usecases.view_appointment import AppointmentView
from booking.web.access import require_step
from booking.web.appointments_api import IdempotencyKey
from booking.web.fairness import gate_of_address
from booking.web.wiring import wired
from kit.requests import AnyRequest


class ActivationMail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)] | None = None
    """Where the first address was mistyped; its link is void then."""


@post("/v1/appointments/{appointment_id:uuid}/activation", status_code=200)
async def activate(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> AppointmentView:
    """Bearer: the token of the mail's link. The appointment's own token does not do."""
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "activation", idempotency_key, scope="activate")
    return await activate_appointment(wiring.pool, wiring.checkout, wiring.clock, access, once=once)


@post("/v1/appointments/{appointment_id:uuid}/activation-mail", status_code=200)
async def send_again(
    request: AnyRequest,
    appointment_id: FromPath[UUID],
    idempotency_key: IdempotencyKey,
    data: JSONBody[ActivationMail | None] = None,
) -> AppointmentView:
    """Once more, once a minute, five in all."""
    wiring = wired(request)
    data = data or ActivationMail()
    access, once = await require_step(request, appointment_id, "activation-mail", idempotency_key, data)
    gate = await gate_of_address(request, access.tenant, data.email)
    return await ask_activation_again(wiring.pool, wiring.clock, access, data.email, gate, once=once)


routes = (activate, send_again)

"""`/v1/appointments/{id}/waitlist` and `…/earlier-offer`: asking to come earlier, and what is offered then."""

from datetime import date, time
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from booking.domain.waitlist import Wishes
from booking.usecases.accept_earlier import accept_earlier
from booking.usecases.decline_earlier import decline_earlier
from booking.usecases.join_waitlist import join_waitlist, leave_waitlist, read_waitlist
from booking.usecases.view_appointment import AppointmentView
from booking.web.access import require_access, require_step
from booking.web.appointments_api import IdempotencyKey
from booking.web.wiring import wired
from kit.requests import AnyRequest

WallTime = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["08:00"])]


class WaitlistView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    days: Annotated[tuple[Annotated[int, msgspec.Meta(ge=1, le=7)], ...], msgspec.Meta(max_length=7)] = ()
    """Weekdays, 1 is Monday; none: any."""
    from_time: WallTime | None = None
    to_time: WallTime | None = None
    """The visit lies within; wall time of the place."""
    not_before: date | None = None


@put("/v1/appointments/{appointment_id:uuid}/waitlist")
async def join(request: AnyRequest, appointment_id: FromPath[UUID], data: JSONBody[WaitlistView]) -> WaitlistView:
    wiring, access = wired(request), await require_access(request, appointment_id)
    return _show(await join_waitlist(wiring.pool, wiring.clock, access, _wishes(data)))


@get("/v1/appointments/{appointment_id:uuid}/waitlist")
async def read(request: AnyRequest, appointment_id: FromPath[UUID]) -> WaitlistView:
    return _show(await read_waitlist(wired(request).pool, await require_access(request, appointment_id)))


@delete("/v1/appointments/{appointment_id:uuid}/waitlist")
async def leave(request: AnyRequest, appointment_id: FromPath[UUID]) -> None:
    await leave_waitlist(wired(request).pool, await require_access(request, appointment_id))


@post("/v1/appointments/{appointment_id:uuid}/earlier-offer/acceptance", status_code=200)
async def accept(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> AppointmentView:
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "earlier-acceptance", idempotency_key)
    catalogue = await wiring.catalogues.get(access.tenant)
    return await accept_earlier(wiring.pool, catalogue, wiring.clock, access, once=once)


@post("/v1/appointments/{appointment_id:uuid}/earlier-offer/refusal", status_code=200)
async def decline(
    request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey
) -> AppointmentView:
    """The next one is asked; the place in the line stays."""
    wiring = wired(request)
    access, once = await require_step(request, appointment_id, "earlier-refusal", idempotency_key)
    return await decline_earlier(wiring.pool, wiring.clock, access, once=once)


def _wishes(data: WaitlistView) -> Wishes:
    return Wishes(
        weekdays=data.days,
        from_time=time.fromisoformat(data.from_time) if data.from_time else None,
        to_time=time.fromisoformat(data.to_time) if data.to_time else None,
        not_before=data.not_before,
    )


def _show(wishes: Wishes) -> WaitlistView:
    return WaitlistView(
        days=wishes.weekdays,
        from_time=wishes.from_time.strftime("%H:%M") if wishes.from_time else None,
        to_time=wishes.to_time.strftime("%H:%M") if wishes.to_time else None,
        not_before=wishes.not_before,
    )


routes = (join, read, leave, accept, decline)

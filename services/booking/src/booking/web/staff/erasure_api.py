"""`/v1/staff/deletions`: the log that proves deletion; and deletion for who asks by letter instead of by link."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from booking.store.erasure import Deletion, list_deletions
from booking.usecases.erase_appointment import erase_appointment
from booking.web.appointments_api import IdempotencyKey
from booking.web.erasure_api import ErasureView
from booking.web.local_instants import all_at_place
from booking.web.staff.access import ADMINISTRATION, require_staff, require_staff_step
from booking.web.wiring import wired
from kit.cursor import cut
from kit.requests import AnyRequest

PAGE = 100
_POSITION_MAX = 2**63 - 1


class DeletionList(msgspec.Struct, frozen=True):
    items: list[Deletion]
    """Newest first."""
    next_cursor: str | None


@get("/v1/staff/deletions")
async def show_deletions(
    request: AnyRequest,
    *,
    appointment: FromQuery[UUID | None] = None,
    cursor: Annotated[int | None, QueryParameter(ge=1, le=_POSITION_MAX)] = None,
) -> DeletionList:
    claims = require_staff(request, ADMINISTRATION)
    wiring = wired(request)
    async with wiring.pool.acquire() as connection:
        found = await list_deletions(connection, claims.tenant, appointment, cursor or _POSITION_MAX, PAGE + 1)
    catalogue = await wiring.catalogues.get(claims.tenant)
    page, last = cut(found, PAGE)
    return DeletionList(all_at_place(page, catalogue.time_zone), str(last.position) if last else None)


@post("/v1/staff/appointments/{appointment_id:uuid}/erasure", status_code=200)
async def erase(request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey) -> ErasureView:
    """A visit to come is cancelled first."""
    wiring = wired(request)
    access, who, once = await require_staff_step(
        request, appointment_id, "erasure", idempotency_key, b"", ADMINISTRATION
    )
    erased = await erase_appointment(wiring.pool, wiring.clock, access, who, once=once)
    return ErasureView(id=appointment_id, was_cancelled=erased.was_cancelled, at=erased.at)


routes = (show_deletions, erase)

"""`POST /v1/appointments/{id}/erasure`: a citizen has the person of an appointment forgotten, at once."""

from uuid import UUID

from litestar import post
from litestar.params import FromPath

from booking.domain.appointment import By
from booking.domain.errors import Unauthorised
from booking.usecases.erase_appointment import Erasure, erase_appointment, find_erasure
from booking.usecases.once import Once
from booking.usecases.use_link import PURPOSE
from booking.web.access import bearer_token, require_access
from booking.web.appointments_api import IdempotencyKey
from booking.web.wiring import wired
from kit.idempotency import fingerprint
from kit.requests import AnyRequest
from kit.tokens import TokenInvalid, read_id


class ErasureView(Erasure, frozen=True, kw_only=True):
    id: UUID


@post("/v1/appointments/{appointment_id:uuid}/erasure", status_code=200)
async def erase(request: AnyRequest, appointment_id: FromPath[UUID], idempotency_key: IdempotencyKey) -> ErasureView:
    """A visit to come is cancelled first. Afterwards the link works no more, but for a repetition of this request."""
    wiring, once = wired(request), _once(request, appointment_id, idempotency_key)
    try:
        access = await require_access(request, appointment_id)
    except Unauthorised:
        known = await find_erasure(wiring.pool, once) if once else None
        if known is None:
            raise
    else:
        known = await erase_appointment(wiring.pool, wiring.clock, access, By("citizen"), once=once)
    return ErasureView(id=appointment_id, was_cancelled=known.was_cancelled, at=known.at)


def _once(request: AnyRequest, appointment_id: UUID, key: str) -> Once | None:
    """By the link's own id: it can be read of the token even when the link is gone."""
    try:
        grant_id = read_id(wired(request).settings.link_key, PURPOSE, bearer_token(request))
    except TokenInvalid:
        return None
    return Once(f"erasure:{grant_id}", key, fingerprint(appointment_id.bytes))


routes = (erase,)

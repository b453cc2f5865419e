"""`POST /v1/tenants/{tenant}/appointments`: hold a slot."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.params import FromPath, HeaderParameter, JSONBody

from booking.domain.catalogue import Channel, RequestedItem, plan_visit
from booking.usecases.hold_slot import Request as HoldRequest
from booking.usecases.hold_slot import hold_slot
from booking.web.catalogue_api import unit_of_token
from booking.web.views import HeldView, show_held
from booking.web.wiring import wired
from kit.idempotency import fingerprint
from kit.tokens import sign_id

ACCESS = "access"
"""Purpose of the tokens that grants are signed with."""

IdempotencyKey = Annotated[str, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200)]


class NewAppointment(msgspec.Struct, forbid_unknown_fields=True):
    items: list[RequestedItem]
    start: Annotated[datetime, msgspec.Meta(tz=True)]
    location_id: UUID | None = None
    channel: Channel = "on_site"
    responsibility: str | None = None


@post("/v1/tenants/{tenant:str}/appointments")
async def post_appointment(
    request: Request[Any, Any, Any],
    tenant: FromPath[str],
    data: JSONBody[NewAppointment],
    idempotency_key: IdempotencyKey,
) -> HeldView:
    wiring = wired(request)
    catalogue = await wiring.catalogues.get(tenant)
    unit_id = unit_of_token(wiring, tenant, data.responsibility)
    plans = plan_visit(catalogue, data.items, location_id=data.location_id, channel=data.channel, unit_id=unit_id)
    asked = HoldRequest(data.start, idempotency_key, fingerprint(data))
    held = await hold_slot(wiring.pool, catalogue, plans, asked, wiring.clock(), wiring.holds)
    return show_held(catalogue, held, sign_id(wiring.settings.link_key, ACCESS, held.grant_id))


routes = (post_appointment,)

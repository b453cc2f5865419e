"""`POST /v1/tenants/{tenant}/appointments`: hold a slot."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath, HeaderParameter, JSONBody

from booking.domain.catalogue import Channel
from booking.domain.responsible_lanes import responsible_plans
from booking.domain.visit_plan import RequestedItem, plan_visit
from booking.usecases.hold_fairly import hold_fairly
from booking.usecases.hold_slot import Request as HoldRequest
from booking.web.challenge import Answer
from booking.web.fairness import client_of_hold
from booking.web.held_view import HeldView, show_held
from booking.web.responsibility_api import read_claims
from booking.web.wiring import wired
from kit.idempotency import fingerprint
from kit.requests import AnyRequest
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
    altcha: Answer | None = None
    """A solved challenge (`GET …/challenge?action=hold`), where the tenant asks for one."""


@post("/v1/tenants/{tenant:str}/appointments")
async def post_appointment(
    request: AnyRequest,
    tenant: FromPath[str],
    data: JSONBody[NewAppointment],
    idempotency_key: IdempotencyKey,
) -> HeldView:
    wiring = wired(request)
    catalogue = await wiring.catalogues.get_public(tenant)
    plans = plan_visit(catalogue, data.items, location_id=data.location_id, channel=data.channel)
    plans = responsible_plans(catalogue, plans, read_claims(wiring, tenant, data.responsibility))
    asked = HoldRequest(data.start, idempotency_key, fingerprint(data))
    client = await client_of_hold(request, tenant, data.altcha)
    held = await hold_fairly(wiring.pool, catalogue, plans, asked, wiring.clock(), client, wiring.holds)
    return show_held(catalogue, plans, held, sign_id(wiring.settings.link_key, ACCESS, held.grant_id))


routes = (post_appointment,)

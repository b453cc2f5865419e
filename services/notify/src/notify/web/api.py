"""`/v1/deliveries`: how far the mails about an appointment or invitation came, and one of them once more."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, HeaderParameter, QueryParameter

from kit.requests import AnyRequest
from notify.domain.errors import Invalid
from notify.store.delivery_lists import DeliveryView
from notify.usecases.list_deliveries import list_deliveries
from notify.usecases.resend_delivery import Resend, resend_delivery
from notify.web.access import tenant_of
from notify.web.wiring import wired

IdempotencyKey = Annotated[str, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200)]


class DeliveryList(msgspec.Struct, frozen=True):
    items: list[DeliveryView]
    next_cursor: str | None = None
    """Always null: there are few mails about one thing."""


@get("/v1/deliveries", summary="Mails about an appointment or an invitation, oldest first")
async def get_deliveries(
    request: AnyRequest,
    appointment: Annotated[UUID | None, QueryParameter(description="The appointment's id")] = None,
    invitation: Annotated[UUID | None, QueryParameter(description="Or the invitation's id")] = None,
) -> DeliveryList:
    tenant = tenant_of(request)
    subject_id = appointment or invitation
    if subject_id is None or (appointment and invitation):
        raise Invalid.field("appointment", "expected the id of an appointment, or else `invitation`")
    return DeliveryList(await list_deliveries(wired(request).pool, subject_id, tenant))


@post("/v1/deliveries/{delivery_id:uuid}/resend", summary="Send a mail once more")
async def post_resend(
    request: AnyRequest,
    delivery_id: FromPath[UUID],
    idempotency_key: IdempotencyKey,
) -> DeliveryView:
    tenant, wiring = tenant_of(request), wired(request)
    resend = Resend(delivery_id, tenant, idempotency_key)
    return await resend_delivery(wiring.pool, wiring.clock, wiring.settings.mail_from, resend)

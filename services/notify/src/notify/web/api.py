"""`/v1/deliveries`: how far the mails about an appointment came, and one of them once more."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, HeaderParameter, QueryParameter

from notify.store.delivery_lists import DeliveryView
from notify.usecases.list_deliveries import list_deliveries
from notify.usecases.resend_delivery import Resend, resend_delivery
from notify.web.access import tenant_of
from notify.web.wiring import wired

IdempotencyKey = Annotated[str, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200)]


class DeliveryList(msgspec.Struct, frozen=True):
    items: list[DeliveryView]
    next_cursor: str | None = None
    """Always null: one appointment has few mails."""


@get("/v1/deliveries", summary="Mails about an appointment, oldest first")
async def get_deliveries(
    request: Request[Any, Any, Any],
    appointment: Annotated[UUID, QueryParameter(description="The appointment's id")],
) -> DeliveryList:
    tenant = tenant_of(request)
    return DeliveryList(await list_deliveries(wired(request).pool, appointment, tenant))


@post("/v1/deliveries/{delivery_id:uuid}/resend", summary="Send a mail once more")
async def post_resend(
    request: Request[Any, Any, Any],
    delivery_id: FromPath[UUID],
    idempotency_key: IdempotencyKey,
) -> DeliveryView:
    tenant, wiring = tenant_of(request), wired(request)
    resend = Resend(delivery_id, tenant, idempotency_key)
    return await resend_delivery(wiring.pool, wiring.clock, wiring.settings.mail_from, resend)

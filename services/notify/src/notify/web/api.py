"""`/v1/deliveries`: how far the mails about an appointment came, and one of them once more."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import Parameter

from notify.domain.errors import Invalid
from notify.store.delivery_lists import DeliveryView
from notify.usecases.list_deliveries import list_deliveries
from notify.usecases.resend_delivery import Resend, resend_delivery
from notify.web.access import tenant_of
from notify.web.wiring import wired

KEY_LENGTH_MAX = 200


class DeliveryList(msgspec.Struct, frozen=True):
    items: list[DeliveryView]
    next_cursor: str | None = None
    """Always null: one appointment has few mails."""


@get("/v1/deliveries", summary="Mails about an appointment, oldest first")
async def get_deliveries(
    request: Request[Any, Any, Any],
    appointment: Annotated[UUID, Parameter(description="The appointment's id")],
) -> DeliveryList:
    tenant = tenant_of(request)
    return DeliveryList(await list_deliveries(wired(request).pool, appointment, tenant))


@post("/v1/deliveries/{delivery_id:uuid}/resend", summary="Send a mail once more")
async def post_resend(
    request: Request[Any, Any, Any],
    delivery_id: UUID,
    idempotency_key: Annotated[str | None, Parameter(header="Idempotency-Key")] = None,
) -> DeliveryView:
    tenant, wiring = tenant_of(request), wired(request)
    if not idempotency_key or len(idempotency_key) > KEY_LENGTH_MAX:
        raise Invalid.field("Idempotency-Key", f"a header of 1 to {KEY_LENGTH_MAX} characters is needed")
    resend = Resend(delivery_id, tenant, idempotency_key)
    return await resend_delivery(wiring.pool, wiring.clock, wiring.settings.mail_from, resend)

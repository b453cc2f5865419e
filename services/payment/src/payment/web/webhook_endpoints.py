"""`/v1/webhook-endpoints` and `/v1/webhook-deliveries`: where callers are told, and what became of it."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kit.cursor import cut
from kit.requests import AnyRequest
from payment.store.webhooks import DeliveryState, EndpointEntry, LoggedDelivery
from payment.usecases.add_webhook_endpoint import NewEndpoint, add_webhook_endpoint, replay_webhook_delivery
from payment.usecases.change_webhook_endpoint import disable_webhook_endpoint, rotate_endpoint_secret
from payment.usecases.read_webhooks import read_deliveries, read_endpoints
from payment.web.requests import EndpointRequest
from payment.web.webhooks import Received
from payment.web.wiring import caller_of, needs_key, once_of, tools_of

PAGE = 50


class SecretRotation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    overlap_h: Annotated[int, msgspec.Meta(ge=0, le=720)] = 24
    """For so many hours the older secret signs, too."""


class EndpointList(msgspec.Struct, frozen=True):
    items: list[EndpointEntry]
    next_cursor: str | None = None


class DeliveryList(msgspec.Struct, frozen=True):
    items: list[LoggedDelivery]
    """Newest first."""
    next_cursor: str | None


@post("/v1/webhook-endpoints", tags=["webhooks"], guards=[needs_key("webhooks")])
async def add(request: AnyRequest, data: JSONBody[EndpointRequest]) -> NewEndpoint:
    caller = caller_of(request)
    once = await once_of(request, f"{caller.tenant}:webhook-endpoint")
    return await add_webhook_endpoint(tools_of(request), caller.tenant, data.url, data.events, once)


@get("/v1/webhook-endpoints", tags=["webhooks"], guards=[needs_key("webhooks")])
async def show_endpoints(request: AnyRequest) -> EndpointList:
    return EndpointList(await read_endpoints(tools_of(request), caller_of(request).tenant))


@post("/v1/webhook-endpoints/{endpoint_id:uuid}/secret-rotation", tags=["webhooks"], guards=[needs_key("webhooks")])
async def rotate(request: AnyRequest, endpoint_id: FromPath[UUID], data: JSONBody[SecretRotation]) -> NewEndpoint:
    caller = caller_of(request)
    once = await once_of(request, f"{caller.tenant}:webhook-secret:{endpoint_id}")
    overlap = timedelta(hours=data.overlap_h)
    return await rotate_endpoint_secret(tools_of(request), caller.tenant, endpoint_id, overlap, once)


@delete("/v1/webhook-endpoints/{endpoint_id:uuid}", tags=["webhooks"], guards=[needs_key("webhooks")])
async def disable(request: AnyRequest, endpoint_id: FromPath[UUID]) -> None:
    await disable_webhook_endpoint(tools_of(request), caller_of(request).tenant, endpoint_id)


@get("/v1/webhook-deliveries", tags=["webhooks"], guards=[needs_key("webhooks")])
async def show_deliveries(
    request: AnyRequest,
    *,
    endpoint: FromQuery[UUID | None] = None,
    in_state: Annotated[DeliveryState | None, QueryParameter(name="state")] = None,
    cursor: FromQuery[UUID | None] = None,
) -> DeliveryList:
    found = await read_deliveries(
        tools_of(request),
        caller_of(request).tenant,
        endpoint_id=endpoint,
        state=in_state,
        before=cursor,
        limit=PAGE + 1,
    )
    page, last = cut(found, PAGE)
    return DeliveryList(page, str(last.id) if last else None)


@post(
    "/v1/webhook-deliveries/{delivery_id:uuid}/replay",
    tags=["webhooks"],
    status_code=202,
    guards=[needs_key("webhooks")],
)
async def replay(request: AnyRequest, delivery_id: FromPath[UUID]) -> Received:
    """The id stands in the header `Schalter-Delivery` of what was sent, and in the log."""
    caller = caller_of(request)
    once = await once_of(request, f"{caller.tenant}:replay:{delivery_id}")
    await replay_webhook_delivery(tools_of(request), caller.tenant, delivery_id, once)
    return Received()


ROUTES = [add, show_endpoints, rotate, disable, show_deliveries, replay]

"""Webhooks of the providers, taken; and our own to callers, registered and replayed."""

from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath, JSONBody

from payment.domain.attempt import Provider
from payment.domain.errors import PayloadTooLarge
from payment.usecases.add_webhook_endpoint import NewEndpoint, add_webhook_endpoint, replay_webhook_delivery
from payment.usecases.take_webhook import follow_up, take_webhook
from payment.web.requests import EndpointRequest
from payment.web.wiring import AnyRequest, caller_of, needs_key, once_of, tools_of

WEBHOOK_BYTES_MAX = 128 * 1024


class Received(msgspec.Struct, frozen=True):
    received: bool = True


@post("/webhooks/{tenant:str}/stripe", tags=["webhooks"], status_code=200)
async def from_stripe(request: AnyRequest, tenant: FromPath[str]) -> Response[Received]:
    return await _take(request, tenant, "stripe")


@post("/webhooks/{tenant:str}/paypal", tags=["webhooks"], status_code=200)
async def from_paypal(request: AnyRequest, tenant: FromPath[str]) -> Response[Received]:
    return await _take(request, tenant, "paypal")


async def _take(request: AnyRequest, tenant: str, provider: Provider) -> Response[Received]:
    """Answer first, look afterwards: providers wait a few seconds only. What a crash cuts off, the sweeper does."""
    raw_body = await request.body()
    if len(raw_body) > WEBHOOK_BYTES_MAX:
        raise PayloadTooLarge(f"A webhook has at most {WEBHOOK_BYTES_MAX} bytes.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    taken = await take_webhook(tools_of(request), tenant, provider, headers, raw_body)
    return Response(Received(), background=BackgroundTask(follow_up, tools_of(request), taken))


@post("/v1/webhook-endpoints", tags=["webhooks"], guards=[needs_key("webhooks")])
async def add_endpoint(request: AnyRequest, data: JSONBody[EndpointRequest]) -> NewEndpoint:
    caller = caller_of(request)
    once = await once_of(request, f"{caller.tenant}:webhook-endpoint")
    return await add_webhook_endpoint(tools_of(request), caller.tenant, data.url, data.events, once)


@post(
    "/v1/webhook-deliveries/{delivery_id:uuid}/replay",
    tags=["webhooks"],
    status_code=202,
    guards=[needs_key("webhooks")],
)
async def replay(request: AnyRequest, delivery_id: FromPath[UUID]) -> Received:
    """The id stands in the header `Schalter-Delivery` of what was sent."""
    caller = caller_of(request)
    once = await once_of(request, f"{caller.tenant}:replay:{delivery_id}")
    await replay_webhook_delivery(tools_of(request), caller.tenant, delivery_id, once)
    return Received()


ROUTES = [from_stripe, from_paypal, add_endpoint, replay]

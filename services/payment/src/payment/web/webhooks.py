"""Webhooks of the providers, taken."""

import msgspec
from litestar import Response, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from kit.requests import AnyRequest
from payment.domain.attempt import Provider
from payment.domain.errors import PayloadTooLarge
from payment.usecases.take_webhook import ProviderAccount, take_webhook
from payment.web.wiring import wired

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
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
    wiring = wired(request)
    taken = await take_webhook(wiring.tools, wiring.notes, ProviderAccount(tenant, provider), headers, raw_body)
    return Response(Received(), background=BackgroundTask(wiring.follow_ups.look, taken))


ROUTES = [from_stripe, from_paypal]

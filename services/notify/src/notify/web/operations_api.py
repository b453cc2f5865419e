"""`/v1/operations`: how delivery stands, and a push where a person knows better. For operators."""

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath

from kit.requests import AnyRequest
from notify.store.delivery_lists import DeliveryView
from notify.usecases.read_operations import Operations, read_operations
from notify.usecases.resume_sending import resume_sending
from notify.usecases.retry_delivery import retry_delivery
from notify.web.access import operated_tenant_of
from notify.web.wiring import wired


class Resumed(msgspec.Struct, frozen=True):
    pauses_ended: int


@get("/v1/operations", summary="What waits, what waits too long, what ended badly, which mail servers are paused")
async def get_operations(request: AnyRequest) -> Operations:
    tenant, wiring = operated_tenant_of(request), wired(request)
    return await read_operations(wiring.pool, wiring.clock, tenant)


@post("/v1/deliveries/{delivery_id:uuid}/retry", status_code=200, summary="Try a waiting mail now; may be repeated")
async def post_retry(request: AnyRequest, delivery_id: FromPath[UUID]) -> DeliveryView:
    tenant, wiring = operated_tenant_of(request), wired(request)
    return await retry_delivery(wiring.pool, wiring.clock, delivery_id, tenant)


@post("/v1/operations/resume", status_code=200, summary="End the pause of the tenant's mail server; may be repeated")
async def post_resume(request: AnyRequest) -> Resumed:
    tenant = operated_tenant_of(request)
    return Resumed(await resume_sending(wired(request).pool, tenant))


ROUTES = (get_operations, post_retry, post_resume)

"""`/v1/staff/webhook-…`: an administrator registers who is told of appointments, and looks what became of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from booking.store.webhooks import Delivery, Endpoint, list_deliveries, list_endpoints
from booking.usecases.add_webhook_endpoint import Wish, add_webhook_endpoint
from booking.usecases.once import Once
from booking.usecases.remove_webhook_endpoint import remove_webhook_endpoint
from booking.usecases.replay_webhook import replay_webhook
from booking.web.appointments_api import IdempotencyKey
from booking.web.staff.access import ADMINISTRATION, require_staff
from booking.web.wiring import wired
from contracts.booking import WebhookType
from kit.cursor import cut
from kit.idempotency import fingerprint
from kit.requests import AnyRequest
from kit.webhooks import secret_of

PAGE = 50
_POSITION_MAX = 2**63 - 1


class NewEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    events: Annotated[list[WebhookType], msgspec.Meta(min_length=1, max_length=20)]


class EndpointView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    url: str
    events: tuple[WebhookType, ...]
    created_by: str
    created_at: datetime


class CreatedEndpoint(EndpointView, frozen=True, kw_only=True):
    secret: str
    """Signs what is sent there; shown here alone."""


class EndpointList(msgspec.Struct, frozen=True):
    items: list[EndpointView]
    next_cursor: str | None = None


class DeliveryList(msgspec.Struct, frozen=True):
    items: list[Delivery]
    """Newest first."""
    next_cursor: str | None


class Replay(msgspec.Struct, frozen=True):
    id: UUID
    state: str = "waiting"


@post("/v1/staff/webhook-endpoints")
async def add(request: AnyRequest, data: JSONBody[NewEndpoint], idempotency_key: IdempotencyKey) -> CreatedEndpoint:
    claims, wiring = require_staff(request, ADMINISTRATION), wired(request)
    once = Once(f"{claims.tenant}:webhook-endpoint", idempotency_key, fingerprint(data))
    wish = Wish(data.url, data.events, claims.subject)
    allow_loopback = wiring.settings.allow_loopback
    endpoint = await add_webhook_endpoint(
        wiring.pool, wiring.clock, claims.tenant, wish, allow_loopback=allow_loopback, once=once
    )
    secret = secret_of(wiring.settings.link_key, endpoint.id)
    return CreatedEndpoint(**msgspec.structs.asdict(endpoint), secret=secret)


@get("/v1/staff/webhook-endpoints")
async def show_endpoints(request: AnyRequest) -> EndpointList:
    claims = require_staff(request, ADMINISTRATION)
    async with wired(request).pool.acquire() as connection:
        return EndpointList([_view(endpoint) for endpoint in await list_endpoints(connection, claims.tenant)])


@delete("/v1/staff/webhook-endpoints/{endpoint_id:uuid}")
async def remove(request: AnyRequest, endpoint_id: FromPath[UUID]) -> None:
    claims, wiring = require_staff(request, ADMINISTRATION), wired(request)
    await remove_webhook_endpoint(wiring.pool, wiring.clock, claims.tenant, endpoint_id)


@get("/v1/staff/webhook-deliveries")
async def show_deliveries(
    request: AnyRequest,
    *,
    endpoint: FromQuery[UUID | None] = None,
    cursor: Annotated[int | None, QueryParameter(ge=1, le=_POSITION_MAX)] = None,
) -> DeliveryList:
    claims = require_staff(request, ADMINISTRATION)
    async with wired(request).pool.acquire() as connection:
        found = await list_deliveries(connection, claims.tenant, endpoint, cursor or _POSITION_MAX, PAGE + 1)
    page, last = cut(found, PAGE)
    return DeliveryList(page, str(last.position) if last else None)


@post("/v1/staff/webhook-deliveries/{delivery_id:uuid}/replay", status_code=202)
async def replay(request: AnyRequest, delivery_id: FromPath[UUID], idempotency_key: IdempotencyKey) -> Replay:
    """The id stands in the header `Schalter-Delivery` of what was sent, and in the log."""
    claims, wiring = require_staff(request, ADMINISTRATION), wired(request)
    once = Once(f"{claims.tenant}:webhook-replay:{delivery_id}", idempotency_key, fingerprint(b""))
    await replay_webhook(wiring.pool, wiring.clock, claims.tenant, delivery_id, once)
    return Replay(delivery_id)


def _view(endpoint: Endpoint) -> EndpointView:
    return EndpointView(**msgspec.structs.asdict(endpoint))


routes = (add, show_endpoints, remove, show_deliveries, replay)

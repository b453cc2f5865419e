"""A tenant's other system wants to be told of appointments."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from booking.domain.errors import Conflict, Invalid
from booking.domain.webhook import check_url
from booking.store.webhooks import Endpoint, find_endpoint, insert_endpoint, list_endpoints
from booking.usecases.once import Once, claim_once, finish_once
from contracts.booking import WebhookType
from kit.clock import Clock
from kit.ids import uuid7
from kit.sql import Connection, Pool

ENDPOINTS_MAX = 20
"""A tenant's; each event is written once for each of them."""


class Wish(NamedTuple):
    url: str
    events: Sequence[WebhookType]
    by: str
    """The subject of who asks."""


async def add_webhook_endpoint(
    pool: Pool, clock: Clock, tenant: str, wish: Wish, *, allow_loopback: bool, once: Once
) -> Endpoint:
    """The same request again is answered with the same endpoint. Raises Invalid, Conflict, KeyReused."""
    check_url(wish.url, allow_loopback=allow_loopback)
    if not wish.events:
        raise Invalid.field("events", "expected at least one")
    async with pool.acquire() as connection, connection.transaction():
        known = await claim_once(connection, once, UUID)
        if known is None:
            return await _insert(connection, clock, tenant, wish, once)
        endpoint = await find_endpoint(connection, tenant, known)
        if endpoint is None:
            raise Conflict("This endpoint was removed since.")
        return endpoint


async def _insert(connection: Connection, clock: Clock, tenant: str, wish: Wish, once: Once) -> Endpoint:
    if len(await list_endpoints(connection, tenant)) >= ENDPOINTS_MAX:
        raise Conflict(f"A tenant has {ENDPOINTS_MAX} endpoints at most. Remove one first.")
    events = tuple(dict.fromkeys(wish.events))
    endpoint = Endpoint(id=uuid7(), url=wish.url, events=events, created_by=wish.by, created_at=clock())
    await insert_endpoint(connection, tenant, endpoint)
    await finish_once(connection, once, endpoint.id)
    return endpoint

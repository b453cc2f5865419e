from collections.abc import Sequence
from uuid import UUID

import msgspec

from contracts.payment import PaymentEventType
from kit.ids import uuid7
from kit.webhooks import secret_of
from payment.domain.errors import IllegalMove, PaymentMissing
from payment.domain.order import origin_of
from payment.store.webhooks import Endpoint, count_endpoints, insert_endpoint, replay_delivery
from payment.usecases.once import Once, begin_as, finish_as
from payment.usecases.tools import Tools

ENDPOINTS_MAX = 20
"""A tenant's; each event is written once for each of them."""


class NewEndpoint(msgspec.Struct, frozen=True):
    """`secret` signs what we send to it."""

    id: UUID
    secret: str


async def add_webhook_endpoint(
    tools: Tools, tenant: str, url: str, events: Sequence[PaymentEventType], once: Once
) -> NewEndpoint:
    """Raises InvalidRequest, IllegalMove, KeyReused."""
    origin_of(url, "url", allow_loopback=tools.allow_loopback)
    async with tools.acting_for(tenant) as connection:
        id_ = await begin_as(connection, once, UUID)
        if id_ is None:
            if await count_endpoints(connection, tenant) >= ENDPOINTS_MAX:
                raise IllegalMove(f"A tenant has {ENDPOINTS_MAX} endpoints at most. Disable one first.")
            id_ = uuid7()
            endpoint = Endpoint(id=id_, tenant=tenant, url=url, events=tuple(dict.fromkeys(events)))
            await insert_endpoint(connection, endpoint, tools.clock())
            await finish_as(connection, once, id_)
    return NewEndpoint(id_, secret_of(tools.accounts_key, id_))


async def replay_webhook_delivery(tools: Tools, tenant: str, delivery_id: UUID, once: Once) -> None:
    """Send it once more, soon. Raises PaymentMissing, KeyReused."""
    async with tools.acting_for(tenant) as connection:
        if await begin_as(connection, once, UUID):
            return
        await finish_as(connection, once, delivery_id)
        if not await replay_delivery(connection, tenant, delivery_id, tools.clock()):
            raise PaymentMissing(f"There is no delivery {delivery_id}, or its endpoint is disabled.")

from collections.abc import Sequence
from uuid import UUID

import msgspec

from contracts.payment import PaymentEventType
from kit import idempotency
from kit.ids import uuid7
from payment.domain.errors import KeyReused, PaymentMissing
from payment.domain.order import origin_of
from payment.domain.webhook import secret_of
from payment.store.webhooks import Endpoint, insert_endpoint, replay_delivery
from payment.usecases.once import Once
from payment.usecases.tools import Tools


class NewEndpoint(msgspec.Struct, frozen=True):
    """`secret` signs what we send to it."""

    id: UUID
    secret: str


async def add_webhook_endpoint(
    tools: Tools, tenant: str, url: str, events: Sequence[PaymentEventType], once: Once
) -> NewEndpoint:
    """Raises InvalidRequest, KeyReused."""
    origin_of(url, "url", allow_loopback=tools.allow_loopback)
    async with tools.pool.acquire() as connection, connection.transaction():
        try:
            id_ = await idempotency.begin(connection, once.scope, once.key, once.fingerprint, UUID)
        except idempotency.KeyReused:
            raise KeyReused("This Idempotency-Key came before, with another body. Use a new one.") from None
        if id_ is None:
            id_ = uuid7()
            endpoint = Endpoint(id=id_, tenant=tenant, url=url, events=tuple(dict.fromkeys(events)))
            await insert_endpoint(connection, endpoint, tools.clock())
            await idempotency.finish(connection, once.scope, once.key, id_)
    return NewEndpoint(id_, secret_of(tools.accounts_key, id_))


async def replay_webhook_delivery(tools: Tools, tenant: str, delivery_id: UUID) -> None:
    """Send it once more, soon. Sent twice is harmless: the event's id is the same. Raises PaymentMissing."""
    async with tools.pool.acquire() as connection:
        if not await replay_delivery(connection, tenant, delivery_id, tools.clock()):
            raise PaymentMissing(f"There is no delivery {delivery_id}.")

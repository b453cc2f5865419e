from datetime import timedelta
from uuid import UUID

from kit.webhooks import secret_of
from payment.domain.errors import PaymentMissing
from payment.store.webhooks import disable_endpoint, find_secret_version, rotate_secret
from payment.usecases.add_webhook_endpoint import NewEndpoint
from payment.usecases.once import Once, begin_as, finish_as
from payment.usecases.tools import Tools


async def rotate_endpoint_secret(
    tools: Tools, tenant: str, endpoint_id: UUID, overlap: timedelta, once: Once
) -> NewEndpoint:
    """A new secret; the one before signs beside it during the overlap. Raises PaymentMissing, KeyReused."""
    async with tools.acting_for(tenant) as connection:
        if await begin_as(connection, once, UUID):
            version = await find_secret_version(connection, tenant, endpoint_id)
        else:
            await finish_as(connection, once, endpoint_id)
            version = await rotate_secret(connection, tenant, endpoint_id, tools.clock() + overlap)
        if version is None:
            raise PaymentMissing(f"There is no endpoint {endpoint_id}, or it is disabled.")
    return NewEndpoint(endpoint_id, secret_of(tools.accounts_key, endpoint_id, version))


async def disable_webhook_endpoint(tools: Tools, tenant: str, endpoint_id: UUID) -> None:
    """Nothing goes there any more, not even what waits. Raises PaymentMissing."""
    async with tools.acting_for(tenant) as connection:
        if not await disable_endpoint(connection, tenant, endpoint_id, tools.clock()):
            raise PaymentMissing(f"There is no endpoint {endpoint_id}.")

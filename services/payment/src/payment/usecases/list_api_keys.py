from uuid import UUID

from payment.store import api_keys
from payment.store.api_keys import ApiKey, KeyEvent, list_key_events
from payment.usecases.tools import Tools


async def list_api_keys(
    tools: Tools, tenant: str, before: UUID | None, limit: int
) -> list[tuple[ApiKey, list[KeyEvent]]]:
    """Newest first, each with what was done to it."""
    async with tools.acting_for(tenant) as connection:
        keys = await api_keys.list_api_keys(connection, tenant, before, limit)
        events = await list_key_events(connection, tenant, [key.id for key in keys])
    return [(key, [event for event in events if event.key_id == key.id]) for key in keys]

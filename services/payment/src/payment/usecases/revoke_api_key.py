from uuid import UUID

from payment.domain.errors import PaymentMissing
from payment.store import api_keys
from payment.store.api_keys import KeyEvent, insert_key_event, lock_api_key
from payment.usecases.tools import Tools


async def revoke_api_key(tools: Tools, tenant: str, id_: UUID, actor: str) -> None:
    """At once and for good; again has no effect. Raises PaymentMissing."""
    now = tools.clock()
    async with tools.acting_for(tenant) as connection:
        if await lock_api_key(connection, tenant, id_) is None:
            raise PaymentMissing(f"There is no API key {id_}.")
        if await api_keys.revoke_api_key(connection, tenant, id_, now):
            await insert_key_event(connection, tenant, KeyEvent(key_id=id_, action="revoked", actor=actor, at=now))

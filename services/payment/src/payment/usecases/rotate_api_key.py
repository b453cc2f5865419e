from datetime import timedelta
from uuid import UUID

from payment.domain.errors import IllegalMove, PaymentMissing
from payment.store.api_keys import KeyEvent, end_api_key, insert_key_event, lock_api_key
from payment.usecases.issue_api_key import IssuedKey, KeyWish, insert_new_key
from payment.usecases.once import Once, begin_as, finish_as
from payment.usecases.tools import Tools


async def rotate_api_key(tools: Tools, tenant: str, id_: UUID, overlap: timedelta, actor: str, once: Once) -> IssuedKey:
    """A new key with the old one's rights, its end among them; the old one ends after `overlap`, so that callers can
    change in peace.

    Raises PaymentMissing, IllegalMove for a key that is over, KeyReused.
    """
    now = tools.clock()
    async with tools.acting_for(tenant) as connection:
        known = await begin_as(connection, once, UUID)
        if known:
            return IssuedKey(id=known, key=None)
        old = await lock_api_key(connection, tenant, id_)
        if old is None:
            raise PaymentMissing(f"There is no API key {id_}.")
        if old.is_over(now):
            raise IllegalMove("This key is over already. Issue a new one.")
        ends_at = min(now + overlap, old.expires_at or now + overlap)
        await end_api_key(connection, tenant, id_, ends_at)
        await insert_key_event(connection, tenant, KeyEvent(key_id=id_, action="rotated", actor=actor, at=now))
        wish = KeyWish(label=old.label, scopes=old.scopes, expires_at=old.expires_at)
        issued = await insert_new_key(connection, tenant, tools.key_mode, wish, actor, now)
        await finish_as(connection, once, issued.id)
    return issued

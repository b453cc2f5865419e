from collections.abc import Sequence

from kit.clock import Clock
from kit.ids import uuid7
from kit.sql import Pool
from kit.tenants import acting_for
from payment.domain.api_key import KeyMode, Scope, digest_of, make_key, parse_key
from payment.store.api_keys import ApiKey, insert_api_key


async def issue_api_key(
    pool: Pool, clock: Clock, *, tenant: str, mode: KeyMode, scopes: Sequence[Scope], label: str
) -> str:
    """Return the key. It is shown this once: only its hash is stored."""
    key = make_key(mode)
    parsed = parse_key(key)
    assert parsed is not None
    row = ApiKey(id=uuid7(), tenant=tenant, prefix=parsed.prefix, digest=digest_of(key), scopes=tuple(scopes))
    async with acting_for(pool, tenant) as connection:
        await insert_api_key(connection, row, label, clock())
    return key

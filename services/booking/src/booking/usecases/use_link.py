"""An access token names a grant, and a grant opens one appointment."""

from booking.domain.errors import Unauthorised
from booking.store.grants import Scope, find_grant
from booking.usecases.view_appointment import Access
from kit.clock import Clock
from kit.sql import Pool
from kit.tokens import TokenInvalid, read_id

PURPOSE = "access"


async def use_link(pool: Pool, link_key: str, clock: Clock, token: str, scope: Scope = "manage") -> Access:
    """A grant of another scope is none. Raises Unauthorised, whatever the cause."""
    try:
        grant_id = read_id(link_key, PURPOSE, token)
    except TokenInvalid:
        raise Unauthorised("This link does not work (any more). Have a new one sent to you.") from None
    async with pool.acquire() as connection:
        grant = await find_grant(connection, grant_id, clock(), scope)
    if grant is None:
        raise Unauthorised("This link does not work (any more). Have a new one sent to you.")
    return Access(grant.tenant, grant.appointment_id)

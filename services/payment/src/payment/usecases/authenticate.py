import hmac

from kit.tokens import StaffClaims, TokenInvalid, read_staff
from payment.domain.api_key import Scope, digest_of, parse_key
from payment.domain.errors import Forbidden, Unauthorised
from payment.store.api_keys import ApiKey, find_api_key, note_use
from payment.usecases.tools import Tools


async def authenticate_key(tools: Tools, key: str, scope: Scope) -> ApiKey:
    """Raises Unauthorised, Forbidden."""
    parsed = parse_key(key)
    if parsed is None:
        raise Unauthorised("A valid API key is needed: Authorization: Bearer test_… or live_…")
    if parsed.mode == "live" and tools.demo_mode:
        raise Forbidden("This is a demo: it refuses live keys.")
    async with tools.pool.acquire() as connection:
        found = await find_api_key(connection, parsed.prefix)
        if found is None or not hmac.compare_digest(found.digest, digest_of(key)):
            raise Unauthorised("This API key is not known, or was revoked.")
        await note_use(connection, found.id, tools.clock())
    if scope not in found.scopes:
        raise Forbidden(f"This API key lacks the scope {scope}.")
    return found


def authenticate_treasurer(tools: Tools, staff_key: str, token: str) -> StaffClaims:
    """Raises Unauthorised, Forbidden."""
    try:
        claims = read_staff(staff_key, token, tools.clock())
    except TokenInvalid:
        raise Unauthorised("A valid staff token is needed.") from None
    if "treasurer" not in claims.roles:
        raise Forbidden("Only treasurers may do this.")
    return claims

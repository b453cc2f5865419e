import hmac
from collections.abc import Collection, Sequence
from datetime import timedelta

from kit.batches import Batches
from kit.tokens import StaffClaims, TokenInvalid, read_staff
from payment.domain.api_key import Scope, digest_of, parse_key
from payment.domain.errors import Forbidden, Unauthorised
from payment.store.api_keys import ApiKey, find_api_keys, note_use
from payment.store.originators import Originator, find_originator_by_certificate
from payment.usecases.tools import Tools

USE_NOTED_EVERY = timedelta(minutes=1)


LookUps = Batches[str, str, ApiKey | None]
"""Of keys by their prefixes, all of them in one group; made with `find_keys`."""


async def find_keys(tools: Tools, _: str, prefixes: Sequence[str]) -> list[ApiKey | None]:
    """Looked up for every request, so that a revoked key is refused at once."""
    async with tools.unbound_pool.acquire() as connection:
        found = await find_api_keys(connection, set(prefixes))
    return [found.get(prefix) for prefix in prefixes]


async def authenticate_key(tools: Tools, look_ups: LookUps, key: str, scope: Scope) -> ApiKey:
    """Raises Unauthorised, Forbidden."""
    parsed = parse_key(key)
    if parsed is None:
        raise Unauthorised("A valid API key is needed: Authorization: Bearer test_… or live_…")
    if parsed.mode == "live" and tools.demo_mode:
        raise Forbidden("This is a demo: it refuses live keys.")
    found = await look_ups.take("", parsed.prefix)
    if found is None or not hmac.compare_digest(found.digest, digest_of(key)) or found.is_over(tools.clock()):
        raise Unauthorised("This API key is not known, was revoked, or its time is over.")
    await _note_use(tools, found)
    if scope not in found.scopes:
        raise Forbidden(f"This API key lacks the scope {scope}.")
    return found


async def authenticate_certificate(tools: Tools, fingerprint: str) -> Originator:
    """By a client certificate that the house's proxy verified. Raises Unauthorised."""
    async with tools.for_all_tenants() as connection:
        originator = await find_originator_by_certificate(connection, fingerprint)
    if originator is None:
        raise Unauthorised("This client certificate is not known here.")
    return originator


async def _note_use(tools: Tools, key: ApiKey) -> None:
    """To the minute: a busy key must not cost a write a request."""
    now = tools.clock()
    if key.last_used_at is None or key.last_used_at <= now - USE_NOTED_EVERY:
        async with tools.acting_for(key.tenant) as connection:
            await note_use(connection, key.id, now)


def authenticate_treasurer(tools: Tools, staff_key: str, token: str) -> StaffClaims:
    """Raises Unauthorised, Forbidden."""
    return authenticate_staff(tools, staff_key, token, ("treasurer",))


def authenticate_staff(tools: Tools, staff_key: str, token: str, roles: Collection[str]) -> StaffClaims:
    """Raises Unauthorised, Forbidden."""
    try:
        claims = read_staff(staff_key, token, tools.clock())
    except TokenInvalid:
        raise Unauthorised("A valid staff token is needed.") from None
    if not set(claims.roles) & set(roles):
        raise Forbidden(f"This needs the role {' or '.join(sorted(roles))}.")
    return claims

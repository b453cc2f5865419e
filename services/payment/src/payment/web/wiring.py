"""What handlers reach of the composition root."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from kit.idempotency import fingerprint
from kit.requests import AnyConnection, AnyRequest
from kit.tokens import StaffClaims
from payment.domain.api_key import Scope, parse_key
from payment.domain.errors import InvalidRequest, Unauthorised
from payment.settings import Settings
from payment.usecases.authenticate import LookUps, authenticate_key, authenticate_treasurer
from payment.usecases.follow_ups import FollowUps
from payment.usecases.once import Once
from payment.usecases.start_payment import Creations
from payment.usecases.take_webhook import Notes
from payment.usecases.tools import Tools
from payment.web.limits import Limits

KEY_LENGTH_MAX = 255
_CALLER = "payment_caller"


class Wiring(NamedTuple):
    settings: Settings
    tools: Tools
    limits: Limits
    look_ups: LookUps
    creations: Creations
    notes: Notes
    follow_ups: FollowUps


def wired(connection: AnyConnection) -> Wiring:
    wiring: Wiring = connection.app.state.wiring
    return wiring


def tools_of(connection: AnyConnection) -> Tools:
    return wired(connection).tools


@contextmanager
def guesses_counted(connection: AnyConnection) -> Iterator[None]:
    """Around finding out who asks. Raises TooMany in place of Unauthorised where a client had that too often."""
    try:
        yield
    except Unauthorised:
        wired(connection).limits.count_failure(connection)
        raise


def bearer_of(connection: AnyConnection) -> str:
    """Raises Unauthorised."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorised("An Authorization header is needed: Bearer, and an API key.")
    return token.strip()


class Caller(NamedTuple):
    tenant: str
    actor: str


def needs_key(scope: Scope) -> Guard:
    """A guard, so that nobody unknown has a body read. Raises Unauthorised, Forbidden, TooMany."""

    async def guard(connection: AnyConnection, _: BaseRouteHandler) -> None:
        wiring = wired(connection)
        with guesses_counted(connection):
            key = await authenticate_key(wiring.tools, wiring.look_ups, bearer_of(connection), scope)
        wiring.limits.count_key(key.prefix)
        let_in(connection, key.tenant, key.actor)

    return guard


def needs_key_or_treasurer(scope: Scope) -> Guard:
    """The same for what a person of the treasury may do too."""
    by_key = needs_key(scope)

    async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        with guesses_counted(connection):
            token = bearer_of(connection)
        if parse_key(token):
            await by_key(connection, handler)  # type: ignore[misc] # the guard made above is awaitable
        else:
            treasurer = treasurer_of(connection)
            let_in(connection, treasurer.tenant, f"staff:{treasurer.subject}")

    return guard


def let_in(connection: AnyConnection, tenant: str, actor: str) -> None:
    """For guards: who is there, as `caller_of` tells it."""
    connection.scope["state"][_CALLER] = Caller(tenant, actor)


def caller_of(request: AnyRequest) -> Caller:
    """Whom the route's guard let in."""
    caller: Caller = request.scope["state"][_CALLER]
    return caller


def treasurer_of(connection: AnyConnection) -> StaffClaims:
    """Raises Unauthorised, Forbidden, TooMany."""
    wiring = wired(connection)
    with guesses_counted(connection):
        return authenticate_treasurer(wiring.tools, wiring.settings.staff_key, bearer_of(connection))


async def once_of(request: AnyRequest, scope: str) -> Once:
    """Raises InvalidRequest without an Idempotency-Key."""
    key = request.headers.get("idempotency-key", "").strip()
    if not key or len(key) > KEY_LENGTH_MAX or not key.isprintable():
        raise InvalidRequest(("Idempotency-Key", f"this header is needed: 1 to {KEY_LENGTH_MAX} characters"))
    return Once(scope=scope, key=key, fingerprint=fingerprint(await request.body()))

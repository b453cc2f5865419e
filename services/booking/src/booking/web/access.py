"""Who asks: the citizen by the appointment's own token, notify by the service token. Nothing tells what exists."""

import hmac
from uuid import UUID

import msgspec

from booking.domain.errors import NotFound, Unauthorised
from booking.store.grants import Scope
from booking.usecases.once import Once
from booking.usecases.use_link import use_link
from booking.usecases.view_appointment import Access
from booking.web.wiring import wired
from kit.idempotency import fingerprint
from kit.requests import AnyRequest


async def require_access(request: AnyRequest, appointment_id: UUID, scope: Scope = "manage") -> Access:
    """A token of another appointment is answered like an id that does not exist. Raises Unauthorised, NotFound."""
    wiring = wired(request)
    access = await use_link(wiring.pool, wiring.settings.link_key, wiring.clock, bearer_token(request), scope)
    if access.appointment_id != appointment_id:
        raise NotFound("There is no such appointment.")
    return access


def require_service(request: AnyRequest) -> None:
    """Raises Unauthorised."""
    if not hmac.compare_digest(bearer_token(request).encode(), wired(request).settings.service_token.encode()):
        raise Unauthorised("The service token does not fit.")


def bearer_token(request: AnyRequest) -> str:
    """Raises Unauthorised where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised("A bearer token is needed.")
    return token.strip()


async def require_step(
    request: AnyRequest,
    appointment_id: UUID,
    verb: str,
    key: str,
    body: msgspec.Struct | None = None,
    scope: Scope = "manage",
) -> tuple[Access, Once]:
    """Whose visit it is, and what tells this step from its repetition. `body`: as it was read, where there is one.

    Raises Unauthorised, NotFound.
    """
    access = await require_access(request, appointment_id, scope)
    return access, once_of(access, verb, key, await request.body() if body is None else body)


def once_of(access: Access, verb: str, key: str, body: msgspec.Struct | bytes) -> Once:
    return Once(f"{access.tenant}:{access.appointment_id}:{verb}", key, fingerprint(body))

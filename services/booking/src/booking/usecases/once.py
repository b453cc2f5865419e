"""An `Idempotency-Key` at a use case: the same request again has no second effect.

A repetition is answered with the appointment as it stands. A request that failed half-way (payment was away) leaves the
key claimed and unanswered: the same key then carries on.
"""

import msgspec

from booking.domain.errors import KeyReused
from kit import idempotency
from kit.sql import Connection


class Once(msgspec.Struct, frozen=True):
    scope: str
    key: str
    fingerprint: bytes


async def is_repeat(connection: Connection, once: Once | None) -> bool:
    """Call it first in the transaction. Raises KeyReused."""
    if once is None:
        return False
    try:
        answer = await idempotency.begin(connection, once.scope, once.key, once.fingerprint, bool | None)  # type: ignore[arg-type] # a union is a type to msgspec
    except idempotency.KeyReused:
        raise KeyReused from None
    return answer is not None


async def mark_done(connection: Connection, once: Once | None) -> None:
    if once:
        await idempotency.finish(connection, once.scope, once.key, answer=True)

"""An `Idempotency-Key` at a use case: the same request again has no second effect.

A repetition is answered with the appointment as it stands. A request that failed half-way (payment was away) leaves the
key claimed and unanswered: the same key then carries on.
"""

from typing import TypeVar

import msgspec

from booking.domain.errors import KeyReused
from kit import idempotency
from kit.sql import Connection

T = TypeVar("T")


class Once(msgspec.Struct, frozen=True):
    scope: str
    key: str
    fingerprint: bytes


async def is_repeat(connection: Connection, once: Once | None) -> bool:
    """Call it first in the transaction. Raises KeyReused."""
    if once is None:
        return False
    return await claim_once(connection, once, bool | None) is not None  # type: ignore[arg-type] # a union is a type to msgspec


async def mark_done(connection: Connection, once: Once | None) -> None:
    if once:
        await finish_once(connection, once, answer=True)


async def claim_once(connection: Connection, once: Once, type_: type[T]) -> T | None:
    """For answers that hold more than that it was done: None means go on. Raises KeyReused."""
    try:
        return await idempotency.begin(connection, once.scope, once.key, once.fingerprint, type_)
    except idempotency.KeyReused:
        raise KeyReused from None


async def find_once(connection: Connection, once: Once, type_: type[T]) -> T | None:
    """The answer to the same request, if there was one; nothing is claimed. Raises KeyReused."""
    try:
        return await idempotency.find(connection, once.scope, once.key, once.fingerprint, type_)
    except idempotency.KeyReused:
        raise KeyReused from None


async def finish_once(connection: Connection, once: Once, answer: object) -> None:
    """`answer` holds ids and no secret."""
    await idempotency.finish(connection, once.scope, once.key, answer)

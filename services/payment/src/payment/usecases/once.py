"""Idempotent answers of the API. What is stored holds no secret: the checkout's address is signed anew."""

from typing import TypeVar

import msgspec

from contracts.payment import PaymentView
from kit import idempotency
from kit.sql import Connection
from payment.domain.errors import KeyReused
from payment.usecases.tools import Tools

T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True):
    status: int
    payment: PaymentView


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """One request: whose operation (`scope`), the caller's key, and the SHA-256 of its body."""

    scope: str
    key: str
    fingerprint: bytes


async def begin(connection: Connection, tools: Tools, once: Once, tenant: str) -> Answer | None:
    """None: go on. Raises KeyReused."""
    stored = await begin_as(connection, once, Answer)
    if stored is None:
        return None
    url = tools.checkout_url(tenant, stored.payment.id)
    return Answer(stored.status, msgspec.structs.replace(stored.payment, next_url=url))


async def finish(connection: Connection, once: Once, answer: Answer) -> None:
    await finish_as(connection, once, Answer(answer.status, msgspec.structs.replace(answer.payment, next_url="")))


async def begin_as(connection: Connection, once: Once, type_: type[T]) -> T | None:
    """For answers of another shape that hold no secret. Raises KeyReused."""
    try:
        return await idempotency.begin(connection, once.scope, once.key, once.fingerprint, type_)
    except idempotency.KeyReused:
        raise KeyReused("This Idempotency-Key came before, with another body. Use a new one.") from None


async def finish_as(connection: Connection, once: Once, answer: object) -> None:
    await idempotency.finish(connection, once.scope, once.key, answer)

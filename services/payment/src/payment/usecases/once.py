"""Idempotent answers of the API. What is stored holds no secret: the checkout's address is signed anew."""

import msgspec

from contracts.payment import PaymentView
from kit import idempotency
from kit.sql import Connection
from payment.domain.errors import KeyReused
from payment.usecases.tools import Tools


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
    try:
        stored = await idempotency.begin(connection, once.scope, once.key, once.fingerprint, Answer)
    except idempotency.KeyReused:
        raise KeyReused("This Idempotency-Key came before, with another body. Use a new one.") from None
    if stored is None:
        return None
    url = tools.checkout_url(tenant, stored.payment.id)
    return Answer(stored.status, msgspec.structs.replace(stored.payment, next_url=url))


async def finish(connection: Connection, once: Once, answer: Answer) -> None:
    kept = Answer(answer.status, msgspec.structs.replace(answer.payment, next_url=""))
    await idempotency.finish(connection, once.scope, once.key, kept)

"""Idempotent answers of the API. What is stored holds no secret: the checkout's address is signed anew."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    return stored and _with_url(tools, tenant, stored)


async def finish(connection: Connection, once: Once, answer: Answer) -> None:
    await finish_as(connection, once, _without_url(answer))


async def keep_answers(connection: Connection, answers: Mapping[int, tuple[Once, Answer]]) -> set[int]:
    """Claim many keys, each with its whole answer. Return the places of the new ones, which then must be made true."""
    first = {(once.scope, once.key): place for place, (once, _) in reversed(list(answers.items()))}
    claims = [
        idempotency.Claim(once.scope, once.key, once.fingerprint, _without_url(answer))
        for once, answer in (answers[place] for place in first.values())
    ]
    return {first[found] for found in await idempotency.claim(connection, claims)}


async def find_stored(connection: Connection, tools: Tools, once: Once, tenant: str) -> Answer | None:
    """Raises KeyReused."""
    with _reused():
        stored = await idempotency.find(connection, once.scope, once.key, once.fingerprint, Answer)
    return stored and _with_url(tools, tenant, stored)


async def begin_as(connection: Connection, once: Once, type_: type[T]) -> T | None:
    """For answers of another shape that hold no secret. Raises KeyReused."""
    with _reused():
        return await idempotency.begin(connection, once.scope, once.key, once.fingerprint, type_)


async def finish_as(connection: Connection, once: Once, answer: object) -> None:
    await idempotency.finish(connection, once.scope, once.key, answer)


def _with_url(tools: Tools, tenant: str, stored: Answer) -> Answer:
    url = tools.checkout_url(tenant, stored.payment.id)
    return Answer(stored.status, msgspec.structs.replace(stored.payment, next_url=url))


def _without_url(answer: Answer) -> Answer:
    return Answer(answer.status, msgspec.structs.replace(answer.payment, next_url=""))


@contextmanager
def _reused() -> Iterator[None]:
    try:
        yield
    except idempotency.KeyReused:
        raise KeyReused("This Idempotency-Key came before, with another body. Use a new one.") from None

"""`Idempotency-Key`: the same request again gets the same answer and has no second effect.

Pattern (the IETF's draft-ietf-httpapi-idempotency-key-header): `begin` inside the use case's transaction; a parallel
request with the same key waits there for the first one's commit. The answer holds ids only: secrets are derived anew.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import msgspec

from kit.sql import Connection

T = TypeVar("T")


class KeyReused(Exception):
    """The key came before, with another body."""


class Claim(NamedTuple):
    scope: str
    key: str
    fingerprint: bytes
    answer: msgspec.Struct


def fingerprint(body: bytes | msgspec.Struct) -> bytes:
    data = body if isinstance(body, bytes) else msgspec.json.encode(body, order="deterministic")
    return hashlib.sha256(data).digest()


async def begin(connection: Connection, scope: str, key: str, body: bytes, type_: type[T]) -> T | None:
    """Claim the key: None means go on; a value is the stored answer. `body` is the fingerprint. Raises KeyReused."""
    claimed = await connection.fetchval(
        "INSERT INTO idempotent_answer (scope, key, fingerprint) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING RETURNING true",
        scope,
        key,
        body,
    )
    return None if claimed else await find(connection, scope, key, body, type_)


async def claim(connection: Connection, claims: Sequence[Claim]) -> list[tuple[str, str]]:
    """Claim different keys, each with its answer: one statement. Return scope and key of the new ones, whose answers
    must become true in this transaction. In one order, so that no two such statements wait for each other.
    """
    if not claims:
        return []
    rows = await connection.fetch(
        "INSERT INTO idempotent_answer (scope, key, fingerprint, answer)"
        " SELECT scope, key, fingerprint, answer"
        " FROM unnest($1::text[], $2::text[], $3::bytea[], $4::jsonb[]) AS c (scope, key, fingerprint, answer)"
        " ORDER BY scope, key ON CONFLICT DO NOTHING RETURNING scope, key",
        *zip(*claims, strict=True),
    )
    return [(row["scope"], row["key"]) for row in rows]


async def find(connection: Connection, scope: str, key: str, body: bytes, type_: type[T]) -> T | None:
    """The stored answer, without claiming the key; None: there is none. Raises KeyReused."""
    row = await connection.fetchrow(
        "SELECT fingerprint, answer FROM idempotent_answer WHERE scope = $1 AND key = $2", scope, key
    )
    if row is None:
        return None
    if row["fingerprint"] != body:
        raise KeyReused
    return msgspec.convert(row["answer"], type_)


async def finish(connection: Connection, scope: str, key: str, answer: object) -> None:
    await connection.execute(
        "UPDATE idempotent_answer SET answer = $3 WHERE scope = $1 AND key = $2",
        scope,
        key,
        msgspec.to_builtins(answer),
    )

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kit.clock import Clock
from kit.ids import uuid7
from kit.sql import Connection, Pool
from kit.tenants import acting_for
from payment.domain.api_key import KeyMode, Scope, digest_of, make_key, parse_key
from payment.domain.errors import InvalidRequest
from payment.store.api_keys import ApiKey, KeyEvent, insert_api_key, insert_key_event
from payment.usecases.once import Once, begin_as, finish_as
from payment.usecases.tools import Tools

OPERATOR = "operator"
"""Whoever runs our commands on the machine."""


class KeyWish(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None


class IssuedKey(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    key: str | None
    """Shown this once: only its hash is stored. Null when the request was repeated."""


async def issue_api_key(
    pool: Pool, clock: Clock, *, tenant: str, mode: KeyMode, scopes: Sequence[Scope], label: str
) -> str:
    """From the command line, before there is anybody to ask by HTTP. Returns the key."""
    async with acting_for(pool, tenant) as connection:
        wish = KeyWish(label=label, scopes=tuple(scopes))
        issued = await insert_new_key(connection, tenant, mode, wish, OPERATOR, clock())
    assert issued.key is not None
    return issued.key


async def issue_api_key_once(tools: Tools, tenant: str, wish: KeyWish, actor: str, once: Once) -> IssuedKey:
    """Raises InvalidRequest, KeyReused."""
    now = tools.clock()
    async with tools.acting_for(tenant) as connection:
        known = await begin_as(connection, once, UUID)
        if known:
            return IssuedKey(id=known, key=None)
        if wish.expires_at is not None and wish.expires_at <= now:
            raise InvalidRequest(("expires_at", "must lie ahead"))
        issued = await insert_new_key(connection, tenant, tools.key_mode, wish, actor, now)
        await finish_as(connection, once, issued.id)
    return issued


async def insert_new_key(
    connection: Connection, tenant: str, mode: KeyMode, wish: KeyWish, actor: str, now: datetime
) -> IssuedKey:
    key = make_key(mode)
    parsed = parse_key(key)
    assert parsed is not None
    row = ApiKey(
        id=uuid7(),
        tenant=tenant,
        prefix=parsed.prefix,
        digest=digest_of(key),
        scopes=tuple(dict.fromkeys(wish.scopes)),
        label=wish.label,
        expires_at=wish.expires_at,
    )
    await insert_api_key(connection, row, now)
    await insert_key_event(connection, tenant, KeyEvent(key_id=row.id, action="issued", actor=actor, at=now))
    return IssuedKey(id=row.id, key=key)

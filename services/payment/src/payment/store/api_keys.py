from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_all, fetch_optional
from payment.domain.api_key import Scope

KeyAction = Literal["issued", "rotated", "revoked"]


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    prefix: str
    digest: bytes
    scopes: tuple[Scope, ...]
    label: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def actor(self) -> str:
        return f"key:{self.prefix}"

    def is_over(self, now: datetime) -> bool:
        return self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= now)


class KeyEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what, and when; nothing of the key itself."""

    key_id: UUID
    action: KeyAction
    actor: str
    at: datetime


async def insert_api_key(connection: Connection, key: ApiKey, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO api_key (id, tenant, prefix, digest, scopes, label, expires_at, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        key.id,
        key.tenant,
        key.prefix,
        key.digest,
        list(key.scopes),
        key.label,
        key.expires_at,
        now,
    )


async def find_api_keys(connection: Connection, prefixes: Collection[str]) -> dict[str, ApiKey]:
    """By their prefixes, of whatever tenants: it is the key that says which."""
    found = await fetch_all(
        connection,
        ApiKey,
        "SELECT k.id, k.tenant, k.prefix, k.digest, k.scopes, k.label, k.expires_at, k.revoked_at, k.last_used_at"
        " FROM unnest($1::text[]) AS wanted, LATERAL api_key_of(wanted) AS k",
        prefixes,
    )
    return {key.prefix: key for key in found}


async def lock_api_key(connection: Connection, tenant: str, id_: UUID) -> ApiKey | None:
    return await fetch_optional(
        connection,
        ApiKey,
        "SELECT id, tenant, prefix, digest, scopes, label, expires_at, revoked_at, last_used_at FROM api_key"
        " WHERE tenant = $1 AND id = $2 FOR UPDATE",
        tenant,
        id_,
    )


async def list_api_keys(connection: Connection, tenant: str, before: UUID | None, limit: int) -> list[ApiKey]:
    """Newest first."""
    return await fetch_all(
        connection,
        ApiKey,
        "SELECT id, tenant, prefix, digest, scopes, label, expires_at, revoked_at, last_used_at FROM api_key"
        " WHERE tenant = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        tenant,
        before,
        limit,
    )


async def end_api_key(connection: Connection, tenant: str, id_: UUID, expires_at: datetime) -> None:
    await connection.execute(
        "UPDATE api_key SET expires_at = $3 WHERE tenant = $1 AND id = $2", tenant, id_, expires_at
    )


async def revoke_api_key(connection: Connection, tenant: str, id_: UUID, now: datetime) -> bool:
    """False when it was revoked before."""
    sql = "UPDATE api_key SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL"
    return await execute(connection, sql, tenant, id_, now) == 1


async def insert_key_event(connection: Connection, tenant: str, event: KeyEvent) -> None:
    await connection.execute(
        "INSERT INTO api_key_event (tenant, key_id, action, actor, at) VALUES ($1, $2, $3, $4, $5)",
        tenant,
        event.key_id,
        event.action,
        event.actor,
        event.at,
    )


async def list_key_events(connection: Connection, tenant: str, key_ids: list[UUID]) -> list[KeyEvent]:
    return await fetch_all(
        connection,
        KeyEvent,
        "SELECT key_id, action, actor, at FROM api_key_event WHERE tenant = $1 AND key_id = ANY($2) ORDER BY id",
        tenant,
        key_ids,
    )


async def find_issuer(connection: Connection, tenant: str, actor: str) -> str | None:
    """Who made the key that acted under this name, by issuing it or by a rotation; None: it was no key."""
    issuer: str | None = await connection.fetchval(
        "SELECT e.actor FROM api_key k JOIN api_key_event e ON e.key_id = k.id AND e.action = 'issued'"
        " WHERE k.tenant = $1 AND 'key:' || k.prefix = $2",
        tenant,
        actor,
    )
    return issuer


async def note_use(connection: Connection, id_: UUID, now: datetime) -> None:
    await connection.execute(
        "UPDATE api_key SET last_used_at = $2 WHERE id = $1"
        " AND (last_used_at IS NULL OR last_used_at <= $2::timestamptz - interval '1 minute')",
        id_,
        now,
    )

from datetime import datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, fetch_optional


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    prefix: str
    digest: bytes
    scopes: tuple[str, ...]

    @property
    def actor(self) -> str:
        return f"key:{self.prefix}"


async def insert_api_key(connection: Connection, key: ApiKey, label: str, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO api_key (id, tenant, prefix, digest, scopes, label, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        key.id,
        key.tenant,
        key.prefix,
        key.digest,
        list(key.scopes),
        label,
        now,
    )


async def find_api_key(connection: Connection, prefix: str) -> ApiKey | None:
    return await fetch_optional(
        connection,
        ApiKey,
        "SELECT id, tenant, prefix, digest, scopes FROM api_key WHERE prefix = $1 AND revoked_at IS NULL",
        prefix,
    )


async def note_use(connection: Connection, id_: UUID, now: datetime) -> None:
    """To the minute: a busy key must not cost a write a request."""
    await connection.execute(
        "UPDATE api_key SET last_used_at = $2 WHERE id = $1"
        " AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')",
        id_,
        now,
    )

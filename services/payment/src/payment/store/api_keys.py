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
    last_used_at: datetime | None = None

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
    """Of whatever tenant: it is the key that says which."""
    return await fetch_optional(
        connection,
        ApiKey,
        "SELECT id, tenant, prefix, digest, scopes, last_used_at FROM api_key_of($1) WHERE revoked_at IS NULL",
        prefix,
    )


async def note_use(connection: Connection, id_: UUID, now: datetime) -> None:
    await connection.execute(
        "UPDATE api_key SET last_used_at = $2 WHERE id = $1"
        " AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')",
        id_,
        now,
    )

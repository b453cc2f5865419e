"""Forward-only migrations, as a step of its own: `python -m <service> migrate`.

Runs as the database's owner. The service itself runs as a plain role, which the files name as `:app_role` and grant
what it needs, and no more.
"""

import hashlib
import re
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

import asyncpg

LOCK = 7_316_001
"""Advisory lock: two migrators never run at once."""


class MigrationError(Exception):
    """A migration was changed after it ran, or the application's role is missing."""


async def migrate(owner_url: str, packages: Sequence[str], app_role: str) -> list[str]:
    """Apply what is new in each package's `migrations/` folder, in order; return the names applied.

    Each file runs in a transaction of its own, with `lock_timeout` so that a busy table delays us and not the others.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("SET lock_timeout = '5s'")
        await connection.execute("SET app.all_tenants = 'on'")  # row-level security binds the owner, too
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await _require_role(connection, app_role)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migration"
            " (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        found = [(f"{package}/{file.name}", file) for package in packages for file in _sql_files(package)]
        return [name for name, file in found if await _apply(connection, name, file.read_text("utf-8"), app_role)]
    finally:
        await connection.close()


def _sql_files(package: str) -> list[Traversable]:
    folder = files(package) / "migrations"
    return sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)


async def _require_role(connection: "asyncpg.Connection[asyncpg.Record]", role: str) -> None:
    if not re.fullmatch(r"[a-z_]+", role):
        raise MigrationError(f"The role's name {role!r} may have small letters and underscores only.")
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        raise MigrationError(f"The role {role} is missing. Create it first: CREATE ROLE {role} LOGIN PASSWORD '…';")


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", name: str, sql: str, app_role: str) -> bool:
    checksum = hashlib.sha256(sql.encode()).hexdigest()
    known = await connection.fetchval("SELECT checksum FROM schema_migration WHERE name = $1", name)
    if known == checksum:
        return False
    if known is not None:
        raise MigrationError(f"{name} was changed after it ran. Restore it and write a new migration instead.")
    async with connection.transaction():
        await connection.execute(sql.replace(":app_role", app_role))
        await connection.execute("INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)", name, checksum)
    return True

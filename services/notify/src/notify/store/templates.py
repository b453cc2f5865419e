"""Tenants' own wordings, each version a row."""

from datetime import datetime

import msgspec

from kit.sql import Connection, execute, fetch_all
from notify.domain.placeholders import TemplateKind
from notify.domain.wording import Source


class Version(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    subject: str | None
    """Null, as is the body: from here on the house's own words."""
    body: str | None
    created_at: datetime
    created_by: str

    @property
    def source(self) -> Source | None:
        return None if self.subject is None or self.body is None else Source(self.subject, self.body)


class NewVersion(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    kind: TemplateKind
    language: str
    version: int
    source: Source | None
    created_at: datetime
    created_by: str


class CurrentVersion(Version, frozen=True, kw_only=True):
    kind: TemplateKind
    language: str


async def list_current(connection: Connection, tenant: str) -> list[CurrentVersion]:
    """The newest version of each kind and language that the tenant ever changed."""
    return await fetch_all(
        connection,
        CurrentVersion,
        "SELECT DISTINCT ON (kind, language) kind, language, version, subject, body, created_at, created_by"
        " FROM template WHERE tenant = $1 ORDER BY kind, language, version DESC",
        tenant,
    )


async def list_versions(
    connection: Connection, tenant: str, kind: TemplateKind, language: str, limit: int
) -> list[Version]:
    """Newest first."""
    return await fetch_all(
        connection,
        Version,
        "SELECT version, subject, body, created_at, created_by FROM template"
        " WHERE tenant = $1 AND kind = $2 AND language = $3 ORDER BY version DESC LIMIT $4",
        tenant,
        kind,
        language,
        limit,
    )


async def insert_version(connection: Connection, new: NewVersion) -> bool:
    """False: somebody else has just written this version."""
    return (
        await execute(
            connection,
            "INSERT INTO template (tenant, kind, language, version, subject, body, created_at, created_by)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            new.tenant,
            new.kind,
            new.language,
            new.version,
            new.source.subject if new.source else None,
            new.source.body if new.source else None,
            new.created_at,
            new.created_by,
        )
        == 1
    )

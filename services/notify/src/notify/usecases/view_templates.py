"""What a tenant's mails say: its own words where it has some, else the house's."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kit.sql import Pool
from notify.domain.placeholders import TEMPLATE_KINDS, TemplateKind
from notify.domain.wording import Source
from notify.language import languages
from notify.mail.words import builtin
from notify.store.templates import CurrentVersion, Version, list_current, list_versions

HISTORY_MAX = 100


class TemplateState(msgspec.Struct, frozen=True, kw_only=True):
    kind: TemplateKind
    language: str
    version: int
    """0: never changed."""
    is_own: bool
    """False: the house's words."""
    changed_at: datetime | None = None
    changed_by: str | None = None


class Template(msgspec.Struct, frozen=True):
    default: Source
    history: Sequence[Version]
    """Newest first."""

    @property
    def version(self) -> int:
        return self.history[0].version if self.history else 0

    @property
    def own(self) -> Source | None:
        return self.history[0].source if self.history else None

    @property
    def current(self) -> Source:
        return self.own or self.default


async def list_templates(pool: Pool, tenant: str) -> list[TemplateState]:
    async with pool.acquire() as connection:
        changed = {(row.kind, row.language): row for row in await list_current(connection, tenant)}
    return [
        _state(kind, language, changed.get((kind, language)))
        for kind in TEMPLATE_KINDS
        for language in languages().codes
    ]


def _state(kind: TemplateKind, language: str, row: CurrentVersion | None) -> TemplateState:
    if row is None:
        return TemplateState(kind=kind, language=language, version=0, is_own=False)
    return TemplateState(
        kind=kind,
        language=language,
        version=row.version,
        is_own=row.source is not None,
        changed_at=row.created_at,
        changed_by=row.created_by,
    )


async def view_template(pool: Pool, tenant: str, kind: TemplateKind, language: str) -> Template:
    async with pool.acquire() as connection:
        history = await list_versions(connection, tenant, kind, language, HISTORY_MAX)
    return Template(builtin(kind, language), history)

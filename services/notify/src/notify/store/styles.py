"""A tenant's logo and own wordings, in one question: it is asked for each mail."""

import msgspec

from kit.sql import Connection, fetch_one
from notify.domain.placeholders import TemplateKind


class OwnWords(msgspec.Struct, frozen=True):
    kind: TemplateKind
    language: str
    subject: str
    body: str


class StyleRow(msgspec.Struct, frozen=True):
    logo: bytes | None
    wordings: tuple[OwnWords, ...]


async def get_style(connection: Connection, tenant: str) -> StyleRow:
    """Raises RowMissing."""
    return await fetch_one(
        connection,
        StyleRow,
        "SELECT logo, (SELECT coalesce(jsonb_agg(jsonb_build_object("
        "    'kind', kind, 'language', language, 'subject', subject, 'body', body)), '[]')"
        "  FROM (SELECT DISTINCT ON (kind, language) kind, language, subject, body FROM template"
        "    WHERE tenant = slug ORDER BY kind, language, version DESC) AS newest"
        "  WHERE subject IS NOT NULL) AS wordings FROM tenant WHERE slug = $1",
        tenant,
    )

"""A tenant's own words for a kind of mail, from now on; what was written before stays as it was sent."""

from typing import NamedTuple

from kit.clock import Clock
from kit.sql import Connection, Pool
from notify.domain.errors import Conflict
from notify.domain.placeholders import TemplateKind
from notify.domain.wording import Source
from notify.store.templates import NewVersion, insert_version, list_versions
from notify.usecases.preview_template import preview_template

MOVED_ON = "Somebody else has changed these words meanwhile. Look at them, and save again."


class Saving(NamedTuple):
    tenant: str
    kind: TemplateKind
    language: str
    source: Source | None
    """None: the house's words again."""
    if_version: int | None
    """Refused if the words have another version by now."""
    by: str


async def save_template(pool: Pool, clock: Clock, own_pages_url: str, saving: Saving) -> None:
    """The same words again change nothing. Raises Invalid, Conflict."""
    if saving.source:
        await preview_template(pool, clock, own_pages_url, saving.tenant, saving.kind, saving.language, saving.source)
    async with pool.acquire() as connection, connection.transaction():
        await _add(connection, clock, saving)


async def _add(connection: Connection, clock: Clock, saving: Saving) -> None:
    newest = await list_versions(connection, saving.tenant, saving.kind, saving.language, 1)
    version = newest[0].version if newest else 0
    if saving.source == (newest[0].source if newest else None):
        return
    if saving.if_version not in (None, version):
        raise Conflict(MOVED_ON)
    new = NewVersion(
        tenant=saving.tenant,
        kind=saving.kind,
        language=saving.language,
        version=version + 1,
        source=saving.source,
        created_at=clock(),
        created_by=saving.by,
    )
    if not await insert_version(connection, new):
        raise Conflict(MOVED_ON)

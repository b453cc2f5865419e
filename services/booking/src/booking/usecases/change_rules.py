"""Changing a tenant's rules: a new version, the masks that it touches and the conflicts that it brings, at once.

`change_rules` is for whoever has a transaction; `apply_edit` is what staff do, and preview_rules.py what it would do.
"""

from datetime import datetime
from typing import NamedTuple

from booking.domain.errors import Conflict, KeyReused
from booking.domain.rule_edits import RuleEdit
from booking.domain.rule_set import RuleSet, bring_file, difference
from booking.domain.what_if import RuleEffect, day_changes, found_conflicts
from booking.store.rule_changes import NewVersion, find_file_rules, insert_change
from booking.store.rules import lock_rules, read_rule_set
from booking.usecases.once import Once
from booking.usecases.rebuild_masks import Rebuilt, rebuild, whole_scope
from kit import idempotency
from kit.clock import Clock
from kit.sql import Connection, Pool


class Author(NamedTuple):
    by: str
    """As the history shows it: staff:<subject>, configure."""
    note: str = ""


class Changed(NamedTuple):
    version: int
    """The same as before where nothing changed."""
    rebuilt: Rebuilt


async def apply_edit(
    pool: Pool,
    clock: Clock,
    tenant: str,
    edit: RuleEdit,
    author: Author,
    *,
    if_version: int | None = None,
    once: Once | None = None,
) -> RuleEffect:
    """Raises NotFound, Invalid, Conflict where the rules are not those of `if_version`, KeyReused."""
    async with pool.acquire() as connection, connection.transaction():
        answered = await _begin(connection, once)
        if answered:
            return answered
        changed = await change_rules(connection, tenant, edit, author, clock(), if_version=if_version)
        effect = _effect(changed)
        if once:
            await idempotency.finish(connection, once.scope, once.key, effect)
    return effect


async def _begin(connection: Connection, once: Once | None) -> RuleEffect | None:
    if once is None:
        return None
    try:
        return await idempotency.begin(connection, once.scope, once.key, once.fingerprint, RuleEffect)
    except idempotency.KeyReused:
        raise KeyReused from None


def _effect(changed: Changed) -> RuleEffect:
    rebuilt = changed.rebuilt
    return RuleEffect(
        version=changed.version,
        dry_run=False,
        days=day_changes(rebuilt.before, rebuilt.after),
        conflicts=found_conflicts(rebuilt.conflicts.found),
        resolved_count=len(rebuilt.conflicts.resolved),
    )


async def change_rules(
    connection: Connection,
    tenant: str,
    edit: RuleEdit,
    author: Author,
    now: datetime,
    *,
    if_version: int | None = None,
) -> Changed:
    """In the caller's transaction. Raises what the edit raises, and Conflict."""
    version = await lock_rules(connection, tenant)
    before = await read_rule_set(connection, tenant, version)
    require_version(version, if_version)
    change = difference(before, edit(before))
    if change.added or change.removed:
        version += 1
        await insert_change(connection, NewVersion(tenant, version, author.by, now, author.note), change)
    rebuilt = await rebuild(connection, tenant, await whole_scope(connection, tenant, now), now)
    return Changed(version, rebuilt)


def require_version(version: int, expected: int | None) -> None:
    if expected not in (None, version):
        raise Conflict(f"The rules are at version {version} by now: somebody else changed them. Read them again.")


async def bring_file_rules(connection: Connection, tenant: str, file_rules: RuleSet, now: datetime) -> None:
    """What the files changed since they were last read; the caller rebuilds the masks."""
    version = await lock_rules(connection, tenant)
    last_read = await find_file_rules(connection, tenant)
    if last_read == file_rules:
        return
    current = await read_rule_set(connection, tenant, version)
    merged = bring_file(current, last_read or current, file_rules)
    new = NewVersion(tenant, version + 1, "configure", now, file_rules=file_rules)
    await insert_change(connection, new, difference(current, merged))

"""Changing a tenant's rules: a new version, the masks that it touches and the conflicts that it brings, at once."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from booking.domain.rule_set import RuleSet, bring_file, difference
from booking.store.rule_changes import NewVersion, find_file_rules, insert_change
from booking.store.rules import lock_rules, read_rule_set
from booking.usecases.rebuild_masks import Rebuilt, rebuild, whole_scope
from kit.sql import Connection

RuleEdit = Callable[[RuleSet], RuleSet]


class Author(NamedTuple):
    by: str
    """As the history shows it: staff:<subject>, configure."""
    note: str = ""


class Changed(NamedTuple):
    version: int
    """The same as before where nothing changed."""
    rebuilt: Rebuilt


async def change_rules(connection: Connection, tenant: str, edit: RuleEdit, author: Author, now: datetime) -> Changed:
    """In the caller's transaction."""
    version = await lock_rules(connection, tenant)
    before = await read_rule_set(connection, tenant, version)
    change = difference(before, edit(before))
    if change.added or change.removed:
        version += 1
        await insert_change(connection, NewVersion(tenant, version, author.by, now, author.note), change)
    rebuilt = await rebuild(connection, tenant, await whole_scope(connection, tenant, now), now)
    return Changed(version, rebuilt)


async def bring_file_rules(connection: Connection, tenant: str, file_rules: RuleSet, now: datetime) -> None:
    """What the files changed since they were last read; the caller rebuilds the masks."""
    version = await lock_rules(connection, tenant)
    current = await read_rule_set(connection, tenant, version)
    last_read = await find_file_rules(connection, tenant)
    if last_read == file_rules:
        return
    merged = bring_file(current, last_read or current, file_rules)
    new = NewVersion(tenant, version + 1, "configure", now, file_rules=file_rules)
    await insert_change(connection, new, difference(current, merged))

"""The rules that say who is responsible: shown and replaced as a whole over the API. (Files: usecases/configure.py.)"""

from collections.abc import Sequence

import msgspec

from booking.domain.configuration import id_for
from booking.domain.errors import Conflict
from booking.domain.responsibility import version_of
from booking.domain.responsibility_entries import RuleEntry, check_entries, make_entry, make_rule
from booking.domain.responsibility_overlaps import find_overlaps
from booking.store import responsibility as store
from booking.store.catalogue import load_catalogue
from kit.sql import Connection, Pool


class RuleList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[RuleEntry]
    version: str
    """To be sent back with a change; another one after every change."""
    warnings: list[str]
    next_cursor: None = None


async def list_responsibility(pool: Pool, tenant: str) -> RuleList:
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        return await _show(connection, tenant)


async def change_responsibility(pool: Pool, tenant: str, entries: Sequence[RuleEntry], version: str | None) -> RuleList:
    """`version`: of the rules that were looked at; null: whatever they are. Raises Invalid, Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        await store.lock_catalogue(connection, tenant)
        if version is not None and version != version_of(await store.list_rules(connection, tenant)):
            raise Conflict("Somebody else has changed the rules meanwhile. Look at them again.")
        await save_responsibility(connection, tenant, entries)
        return await _show(connection, tenant)


async def save_responsibility(connection: Connection, tenant: str, entries: Sequence[RuleEntry]) -> None:
    """For whoever holds the tenant's row locked. Raises Invalid."""
    directory = await store.read_directory(connection, tenant)
    check_entries(entries, directory)
    rules = [make_rule(entry, directory, id_for(tenant, "responsibility", entry.name)) for entry in entries]
    await store.replace_rules(connection, tenant, rules)


async def _show(connection: Connection, tenant: str) -> RuleList:
    rules = await store.list_rules(connection, tenant)
    names = await store.list_names(connection, tenant)
    followed = (await load_catalogue(connection, tenant, 0)).responsibility.by_service.values()
    useless = {rule.name for rule in rules} - {rule.name for found in followed for rule in found}
    return RuleList(
        items=[make_entry(rule, names) for rule in rules],
        version=version_of(rules),
        warnings=[
            *(
                f"“{one}” and “{other}” have the same priority and can fit the same person: “{one}” decides"
                for one, other in find_overlaps(rules)
            ),
            *(f"“{name}” never applies: whom it names serves none of its services" for name in sorted(useless)),
        ],
    )

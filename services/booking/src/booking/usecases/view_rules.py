"""Reading a tenant's rules: as they are, as a version had them, and what each version changed."""

from typing import NamedTuple

from booking.domain.errors import NotFound
from booking.domain.rule_set import Change, RuleSet, difference
from booking.store.rules import RuleVersion, find_rule_version, get_version, list_versions, read_rule_set
from kit.cursor import cut
from kit.sql import Connection, Pool

PAGE = 50


class RuleHistory(NamedTuple):
    versions: list[RuleVersion]
    """Newest first."""
    next_before: int | None


async def view_rules(pool: Pool, tenant: str, version: int | None = None) -> tuple[int, RuleSet]:
    """Raises NotFound for a version that there never was."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        wanted = await get_version(connection, tenant) if version is None else version
        if version is not None:
            await _require(connection, tenant, version)
        return wanted, await read_rule_set(connection, tenant, wanted)


async def view_history(pool: Pool, tenant: str, before: int) -> RuleHistory:
    async with pool.acquire() as connection:
        found = await list_versions(connection, tenant, before, PAGE + 1)
    page, last = cut(found, PAGE)
    return RuleHistory(page, last.version if last else None)


async def view_version(pool: Pool, tenant: str, version: int) -> tuple[RuleVersion, Change]:
    """Raises NotFound."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        found = await _require(connection, tenant, version)
        former = await read_rule_set(connection, tenant, version - 1)
        return found, difference(former, await read_rule_set(connection, tenant, version))


async def _require(connection: Connection, tenant: str, version: int) -> RuleVersion:
    found = await find_rule_version(connection, tenant, version)
    if found is None:
        raise NotFound("There is no such version of the rules.")
    return found

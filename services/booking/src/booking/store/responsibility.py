"""A tenant's responsibility rules."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from booking.domain.responsibility_entries import Directory
from booking.domain.responsibility_rules import ResponsibilityRule
from kit.sql import Connection, execute, fetch_all


async def list_rules(connection: Connection, tenant: str) -> list[ResponsibilityRule]:
    """Best first."""
    return await fetch_all(
        connection,
        ResponsibilityRule,
        "SELECT id, name, priority, service_ids, municipalities, postcodes, streets, surnames, unit_id, clerk_id,"
        " deputy_id FROM responsibility_rule WHERE tenant = $1 ORDER BY priority DESC, position",
        tenant,
    )


async def replace_rules(connection: Connection, tenant: str, rules: Sequence[ResponsibilityRule]) -> None:
    await execute(connection, "DELETE FROM responsibility_rule WHERE tenant = $1", tenant)
    await connection.executemany(
        "INSERT INTO responsibility_rule (id, tenant, name, priority, position, service_ids, municipalities, postcodes,"
        " streets, surnames, unit_id, clerk_id, deputy_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        [_row(tenant, position, rule) for position, rule in enumerate(rules)],
    )


def _row(tenant: str, position: int, rule: ResponsibilityRule) -> tuple[object, ...]:
    return (
        rule.id,
        tenant,
        rule.name,
        rule.priority,
        position,
        rule.service_ids,
        msgspec.to_builtins(rule.municipalities),
        rule.postcodes,
        msgspec.to_builtins(rule.streets),
        msgspec.to_builtins(rule.surnames),
        rule.unit_id,
        rule.clerk_id,
        rule.deputy_id,
    )


async def lock_catalogue(connection: Connection, tenant: str) -> None:
    """Two changes of one tenant's catalogue never mix. Memories of the catalogue learn from the version."""
    await execute(connection, "UPDATE tenant SET catalogue_version = catalogue_version + 1 WHERE slug = $1", tenant)


class _Name(msgspec.Struct, frozen=True):
    name: str
    id: UUID


async def read_directory(connection: Connection, tenant: str) -> Directory:
    """What is retired comes first, so that of two with one name the one in use is known by it."""
    services = await fetch_all(
        connection, _Name, "SELECT name, id FROM service WHERE tenant = $1 ORDER BY offered", tenant
    )
    units = await fetch_all(
        connection,
        _Name,
        "SELECT name, id FROM organisational_unit WHERE tenant = $1 ORDER BY retired_at IS NULL",
        tenant,
    )
    clerks = await fetch_all(
        connection,
        _Name,
        "SELECT display_name AS name, id FROM clerk WHERE tenant = $1 ORDER BY retired_at IS NULL",
        tenant,
    )
    return Directory(_by_name(services), _by_name(units), _by_name(clerks))


async def list_names(connection: Connection, tenant: str) -> dict[UUID, str]:
    """Of all that rules may name, also of what is retired."""
    rows = await connection.fetch(
        "SELECT id, name FROM service WHERE tenant = $1"
        " UNION ALL SELECT id, name FROM organisational_unit WHERE tenant = $1"
        " UNION ALL SELECT id, display_name FROM clerk WHERE tenant = $1",
        tenant,
    )
    return {row["id"]: row["name"] for row in rows}


def _by_name(names: Iterable[_Name]) -> dict[str, UUID]:
    return {row.name: row.id for row in names}


async def list_open_days(
    connection: Connection, lane_ids: Sequence[int], first_day: date, last_day: date
) -> frozenset[date]:
    """The days on which one of the lanes is open at any time, taken or not."""
    rows = await connection.fetch(
        "SELECT DISTINCT day FROM day_mask WHERE lane_id = ANY($1) AND day BETWEEN $2 AND $3 AND bit_count(open) > 0",
        lane_ids,
        first_day,
        last_day,
    )
    return frozenset(row["day"] for row in rows)

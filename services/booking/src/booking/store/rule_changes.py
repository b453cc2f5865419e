"""Writing versions of a rule set: rules are retired and others begin, and the change says who, when and why."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

import asyncpg
import msgspec

from booking.domain.holidays import ClosingCustom
from booking.domain.rule_set import Change, Closure, OpeningRule, Rule, RuleSet, ScheduleException
from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_optional

R = TypeVar("R")


class NewVersion(NamedTuple):
    tenant: str
    version: int
    changed_by: str
    changed_at: datetime
    note: str = ""
    file_rules: RuleSet | None = None


class _FileRules(msgspec.Struct):
    file_rules: RuleSet


async def insert_change(connection: Connection, new: NewVersion, change: Change) -> None:
    await execute(
        connection,
        "INSERT INTO rule_change (tenant, version, changed_by, changed_at, note, file_rules)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        new.tenant,
        new.version,
        new.changed_by,
        new.changed_at,
        new.note,
        msgspec.to_builtins(new.file_rules) if new.file_rules else None,
    )
    await _retire(connection, new, change.removed)
    await _insert_opening(connection, new, _of_type(change.added, OpeningRule))
    await _insert_exceptions(connection, new, _of_type(change.added, ScheduleException))
    await _insert_closures(connection, new, _of_type(change.added, Closure))
    await _insert_customs(connection, new, _of_type(change.added, ClosingCustom))


async def find_file_rules(connection: Connection, tenant: str) -> RuleSet | None:
    """What the files said when they were last read."""
    found = await fetch_optional(
        connection,
        _FileRules,
        "SELECT file_rules FROM rule_change WHERE tenant = $1 AND file_rules IS NOT NULL ORDER BY version DESC LIMIT 1",
        tenant,
    )
    return found.file_rules if found else None


def _of_type(rules: Iterable[Rule], type_: type[R]) -> list[R]:
    return [rule for rule in rules if isinstance(rule, type_)]


async def _retire(connection: Connection, new: NewVersion, rules: Sequence[Rule]) -> None:
    ids = [rule.id for rule in rules]
    await execute(
        connection,
        "UPDATE opening_rule SET until_version = $3 WHERE tenant = $1 AND id = ANY($2)",
        new.tenant,
        ids,
        new.version,
    )
    await execute(
        connection,
        "UPDATE schedule_exception SET until_version = $3 WHERE tenant = $1 AND id = ANY($2)",
        new.tenant,
        ids,
        new.version,
    )
    await execute(
        connection,
        "UPDATE closure SET until_version = $3 WHERE tenant = $1 AND id = ANY($2)",
        new.tenant,
        ids,
        new.version,
    )
    await execute(
        connection,
        "UPDATE closing_custom SET until_version = $3 WHERE tenant = $1 AND id = ANY($2)",
        new.tenant,
        ids,
        new.version,
    )


async def _insert_opening(connection: Connection, new: NewVersion, rules: Iterable[OpeningRule]) -> None:
    await connection.executemany(
        "INSERT INTO opening_rule (id, tenant, location_id, lane_id, weekday, opens, closes, valid, every_weeks,"
        " anchor, nth, school_holidays, audience, since_version)"
        " VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, time '24:00'), $8, $9, $10, $11, $12, $13, $14)",
        [
            (
                uuid7(),
                new.tenant,
                rule.location_id,
                rule.lane_id,
                rule.weekday,
                rule.opens,
                rule.closes,
                asyncpg.Range(rule.valid_from, rule.valid_until),
                rule.every_weeks,
                rule.anchor,
                rule.nth,
                rule.school_holidays,
                rule.audience,
                new.version,
            )
            for rule in rules
        ],
    )


async def _insert_exceptions(connection: Connection, new: NewVersion, rules: Iterable[ScheduleException]) -> None:
    await connection.executemany(
        "INSERT INTO schedule_exception (id, tenant, location_id, lane_id, day, hours, reason, since_version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            (
                uuid7(),
                new.tenant,
                rule.location_id,
                rule.lane_id,
                rule.day,
                msgspec.to_builtins(rule.hours),
                rule.reason,
                new.version,
            )
            for rule in rules
        ],
    )


async def _insert_closures(connection: Connection, new: NewVersion, rules: Iterable[Closure]) -> None:
    await connection.executemany(
        "INSERT INTO closure (id, tenant, location_id, day, last_day, closed_from, closed_to, reason, since_version)"
        " VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, time '24:00'), $8, $9)",
        [
            (
                uuid7(),
                new.tenant,
                rule.location_id,
                rule.day,
                rule.last_day,
                rule.closed_from,
                rule.closed_to,
                rule.reason,
                new.version,
            )
            for rule in rules
        ],
    )


async def _insert_customs(connection: Connection, new: NewVersion, rules: Iterable[ClosingCustom]) -> None:
    await connection.executemany(
        "INSERT INTO closing_custom (id, tenant, custom, closed_from, since_version) VALUES ($1, $2, $3, $4, $5)",
        [(uuid7(), new.tenant, rule.custom, rule.closed_from, new.version) for rule in rules],
    )

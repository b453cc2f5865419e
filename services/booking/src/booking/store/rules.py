"""A tenant's rule set, now or as one of its versions had it, and what else decides when lanes are open."""

from datetime import datetime
from typing import LiteralString

import msgspec

from booking.domain.holidays import ClosingCustom, region_of
from booking.domain.opening_hours import Absence
from booking.domain.projection import LanePlace, Rules
from booking.domain.rule_set import Closure, OpeningRule, RuleSet, ScheduleException
from kit.sql import Connection, fetch_all, fetch_optional


class RuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    changed_by: str
    """staff:<subject>, or configure for what came from files."""
    changed_at: datetime
    note: str


async def lock_rules(connection: Connection, tenant: str) -> int:
    """One change of rules or absences after another. Returns the newest version.

    In the order of locks it stands between the appointments and their masks.
    """
    await connection.fetchval("SELECT 1 FROM tenant WHERE slug = $1 FOR NO KEY UPDATE", tenant)
    return await get_version(connection, tenant)


async def get_version(connection: Connection, tenant: str) -> int:
    version: int = await connection.fetchval(
        "SELECT coalesce(max(version), 0) FROM rule_change WHERE tenant = $1", tenant
    )
    return version


_VERSION: LiteralString = "SELECT version, changed_by, changed_at, note FROM rule_change WHERE tenant = $1"


async def list_versions(connection: Connection, tenant: str, before: int, limit: int) -> list[RuleVersion]:
    """Newest first."""
    return await fetch_all(
        connection,
        RuleVersion,
        _VERSION + " AND version < $2 ORDER BY version DESC LIMIT $3",
        tenant,
        before,
        limit,
    )


async def find_rule_version(connection: Connection, tenant: str, version: int) -> RuleVersion | None:
    return await fetch_optional(
        connection,
        RuleVersion,
        _VERSION + " AND version = $2",
        tenant,
        version,
    )


async def read_rules(connection: Connection, tenant: str, since: datetime, until: datetime) -> Rules:
    """As they are now, with the absences between two instants."""
    return Rules(
        lanes=await list_lane_places(connection, tenant),
        rule_set=await read_rule_set(connection, tenant, await get_version(connection, tenant)),
        absences=await list_absences(connection, tenant, since, until),
    )


async def read_rule_set(connection: Connection, tenant: str, version: int) -> RuleSet:
    ars: str = await connection.fetchval("SELECT profile ->> 'ars' FROM tenant WHERE slug = $1", tenant)
    return RuleSet(
        region=region_of(ars),
        opening=tuple(await _list_opening(connection, tenant, version)),
        exceptions=tuple(await _list_exceptions(connection, tenant, version)),
        closures=tuple(await _list_closures(connection, tenant, version)),
        customs=tuple(await _list_customs(connection, tenant, version)),
    )


async def _list_opening(connection: Connection, tenant: str, version: int) -> list[OpeningRule]:
    return await fetch_all(
        connection,
        OpeningRule,
        "SELECT id, location_id, lane_id, weekday, opens, nullif(closes, '24:00') AS closes,"
        " lower(valid) AS valid_from, upper(valid) AS valid_until, every_weeks, anchor, nth, school_holidays, audience"
        " FROM opening_rule WHERE tenant = $1 AND since_version <= $2 AND (until_version IS NULL OR until_version > $2)"
        " ORDER BY location_id, lane_id NULLS FIRST, weekday, opens, id",
        tenant,
        version,
    )


async def _list_exceptions(connection: Connection, tenant: str, version: int) -> list[ScheduleException]:
    return await fetch_all(
        connection,
        ScheduleException,
        "SELECT id, location_id, lane_id, day, hours, reason FROM schedule_exception"
        " WHERE tenant = $1 AND since_version <= $2 AND (until_version IS NULL OR until_version > $2) ORDER BY day, id",
        tenant,
        version,
    )


async def _list_closures(connection: Connection, tenant: str, version: int) -> list[Closure]:
    return await fetch_all(
        connection,
        Closure,
        "SELECT id, location_id, day, last_day, closed_from, nullif(closed_to, '24:00') AS closed_to, reason"
        " FROM closure WHERE tenant = $1 AND since_version <= $2 AND (until_version IS NULL OR until_version > $2)"
        " ORDER BY day, id",
        tenant,
        version,
    )


async def _list_customs(connection: Connection, tenant: str, version: int) -> list[ClosingCustom]:
    return await fetch_all(
        connection,
        ClosingCustom,
        "SELECT id, custom, closed_from FROM closing_custom"
        " WHERE tenant = $1 AND since_version <= $2 AND (until_version IS NULL OR until_version > $2) ORDER BY custom",
        tenant,
        version,
    )


async def list_lane_places(connection: Connection, tenant: str) -> list[LanePlace]:
    return await fetch_all(
        connection,
        LanePlace,
        "SELECT l.id AS lane_id, l.location_id, p.time_zone FROM lane l JOIN location p ON p.id = l.location_id"
        " WHERE l.tenant = $1 ORDER BY l.id",
        tenant,
    )


async def list_absences(connection: Connection, tenant: str, since: datetime, until: datetime) -> list[Absence]:
    """By lane, cut to the two instants; one that was taken back ended then. Whoever is busy by the own calendar is
    away, too, and a lane that is retired is away for good.
    """
    return await fetch_all(
        connection,
        Absence,
        "SELECT l.id AS lane_id, greatest(a.starts_at, $2) AS starts_at, least(a.ends_at, a.ended_at, $3) AS ends_at"
        " FROM absence a JOIN lane l ON l.clerk_id = a.clerk_id"
        " WHERE a.tenant = $1 AND a.starts_at < $3 AND least(a.ends_at, a.ended_at) > greatest(a.starts_at, $2)"
        " UNION ALL SELECT l.id, greatest(b.starts_at, $2), least(b.ends_at, $3) FROM busy_time b"
        " JOIN lane l ON l.clerk_id = b.clerk_id WHERE b.tenant = $1 AND b.starts_at < $3 AND b.ends_at > $2"
        " UNION ALL SELECT id, greatest(retired_at, $2), $3 FROM lane WHERE tenant = $1 AND retired_at < $3",
        tenant,
        since,
        until,
    )

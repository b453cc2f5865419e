"""Writing what changes of a tenant's catalogue. What leaves is retired: appointments go on naming it.

Whatever changes is retired first and then written as it shall be, so that two rows may swap their names.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from booking.domain.configuration import (
    ClerkRecord,
    Configuration,
    LaneKey,
    LaneRecord,
    LocationRecord,
    UnitRecord,
)
from booking.domain.configuration_diff import Part, compare
from booking.store.busy_times import delete_sources_of
from booking.store.configured_services import write_combinations, write_offerings, write_services
from booking.store.responsibility import replace_rules
from booking.store.stored_configuration import StoredConfiguration
from contracts.tenant import TenantProfile
from kit.sql import Connection, execute


async def write_changes(
    connection: Connection, tenant: str, stored: StoredConfiguration, after: Configuration, now: datetime
) -> list[int]:
    """All but the rules. Returns the ids of the lanes in their order. `stored` was read in this transaction."""
    before = stored.configuration
    assert after.profile is not None
    await save_tenant(connection, after.profile, after.position)
    await _write_units(connection, tenant, compare(before.units, after.units), now)
    await _write_locations(connection, tenant, compare(before.locations, after.locations), now)
    await _write_clerks(connection, tenant, compare(before.clerks, after.clerks), now)
    lanes = await _write_lanes(connection, tenant, stored.lane_ids, compare(before.lanes, after.lanes), now)
    services = compare(before.services, after.services)
    await write_services(connection, tenant, services)
    await write_combinations(connection, services)
    await write_offerings(connection, tenant, lanes, compare(before.offerings, after.offerings), now)
    if after.responsibility is not None and before.responsibility != after.responsibility:
        await replace_rules(connection, tenant, after.responsibility)
    return [lanes[key] for key in after.lanes]


async def save_tenant(connection: Connection, profile: TenantProfile, position: int) -> None:
    await execute(
        connection,
        "INSERT INTO tenant (slug, profile, position, catalogue_version) VALUES ($1, $2, $3, 1)"
        " ON CONFLICT (slug) DO UPDATE SET profile = excluded.profile, position = excluded.position,"
        " catalogue_version = tenant.catalogue_version + 1",
        profile.slug,
        msgspec.to_builtins(profile),
        position,
    )
    await execute(connection, "INSERT INTO tenant_setting (tenant) VALUES ($1) ON CONFLICT DO NOTHING", profile.slug)


async def _write_units(connection: Connection, tenant: str, part: Part[UUID, UnitRecord], now: datetime) -> None:
    await execute(connection, "UPDATE organisational_unit SET retired_at = $2 WHERE id = ANY($1)", part.cleared, now)
    await connection.executemany(
        "INSERT INTO organisational_unit (id, tenant, name, parent_id) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, parent_id = excluded.parent_id, retired_at = NULL",
        [(unit.id, tenant, unit.name, unit.parent_id) for unit in part.written],
    )


async def _write_locations(
    connection: Connection, tenant: str, part: Part[UUID, LocationRecord], now: datetime
) -> None:
    await execute(connection, "UPDATE location SET retired_at = $2 WHERE id = ANY($1)", part.cleared, now)
    await connection.executemany(
        "INSERT INTO location (id, tenant, name, street, postcode, city, time_zone) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, street = excluded.street, postcode = excluded.postcode,"
        " city = excluded.city, time_zone = excluded.time_zone, retired_at = NULL",
        [
            (place.id, tenant, place.name, place.street, place.postcode, place.city, place.time_zone)
            for place in part.written
        ],
    )


async def _write_clerks(connection: Connection, tenant: str, part: Part[UUID, ClerkRecord], now: datetime) -> None:
    await execute(connection, "UPDATE clerk SET retired_at = $2, subject = NULL WHERE id = ANY($1)", part.cleared, now)
    await delete_sources_of(connection, tenant, part.retired)
    await connection.executemany(
        "INSERT INTO clerk (id, tenant, unit_id, display_name, email, public_function, subject, calendar)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id,"
        " display_name = excluded.display_name, email = excluded.email, public_function = excluded.public_function,"
        " subject = excluded.subject, calendar = excluded.calendar, retired_at = NULL",
        [
            (c.id, tenant, c.unit_id, c.display_name, c.email, c.public_function, c.subject, c.calendar)
            for c in part.written
        ],
    )


async def _write_lanes(
    connection: Connection,
    tenant: str,
    known: Mapping[LaneKey, int],
    part: Part[LaneKey, LaneRecord],
    now: datetime,
) -> Mapping[LaneKey, int]:
    """Returns the ids of all lanes. A lane that ended keeps its appointments, and is open no more."""
    ended = [known[key] for key in part.retired]
    await execute(connection, "UPDATE lane SET retired_at = $2 WHERE id = ANY($1)", ended, now)
    await connection.executemany(
        "UPDATE lane SET kind = $2, room = $3, resource_group = $4, items_max = $5, retired_at = NULL WHERE id = $1",
        [
            (known[lane.key], lane.kind, lane.room, lane.resource_group, lane.items_max)
            for lane in part.written
            if lane.key in known
        ],
    )
    new = [lane for lane in part.written if lane.key not in known]
    rows = await connection.fetch(
        "INSERT INTO lane (tenant, location_id, clerk_id, label, kind, room, resource_group, items_max)"
        " SELECT $1, l.location_id, l.clerk_id, l.label, l.kind, l.room, l.resource_group, l.items_max"
        " FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[])"
        " AS l (location_id, clerk_id, label, kind, room, resource_group, items_max)"
        " RETURNING id, location_id, clerk_id, label",
        tenant,
        [lane.location_id for lane in new],
        [lane.clerk_id for lane in new],
        [lane.label for lane in new],
        [lane.kind for lane in new],
        [lane.room for lane in new],
        [lane.resource_group for lane in new],
        [lane.items_max for lane in new],
    )
    return {**known, **{LaneKey(row["location_id"], row["clerk_id"], row["label"]): row["id"] for row in rows}}

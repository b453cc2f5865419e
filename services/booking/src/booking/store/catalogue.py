"""Reading what a tenant offers. `load_catalogue` fills the memory of `CatalogueCache`."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue, Lane, Location, Offering, Service
from booking.domain.fees import Fee
from booking.domain.responsible_lanes import make_rule_book
from booking.store.responsibility import list_rules
from contracts.tenant import TenantProfile
from kit.sql import Connection, fetch_all, fetch_optional

T = TypeVar("T")


class _Named(msgspec.Struct, frozen=True):
    id: UUID
    name: str


class _FeeRow(msgspec.Struct, frozen=True):
    service_id: UUID
    amount_cents: int
    valid_from: date | None
    valid_until: date | None


async def list_tenants(connection: Connection) -> list[TenantProfile]:
    rows = await connection.fetch("SELECT profile FROM tenant ORDER BY position, slug")
    return [msgspec.convert(row["profile"], TenantProfile) for row in rows]


async def get_profile(connection: Connection, tenant: str) -> TenantProfile:
    return msgspec.convert(
        await connection.fetchval("SELECT profile FROM tenant WHERE slug = $1", tenant), TenantProfile
    )


class StoredTenant(msgspec.Struct, frozen=True):
    profile: TenantProfile
    position: int
    """Its place in lists of tenants."""


async def find_tenant(connection: Connection, tenant: str) -> StoredTenant | None:
    return await fetch_optional(
        connection, StoredTenant, "SELECT profile, position FROM tenant WHERE slug = $1", tenant
    )


async def next_position(connection: Connection) -> int:
    """At the end of the list."""
    position: int = await connection.fetchval("SELECT coalesce(max(position) + 1, 0) FROM tenant")
    return position


async def find_version(connection: Connection, tenant: str) -> int | None:
    version: int | None = await connection.fetchval("SELECT catalogue_version FROM tenant WHERE slug = $1", tenant)
    return version


async def find_state_of_all(connection: Connection) -> Decimal | None:
    """Another value as soon as any tenant's version is another. By an index alone: 11,000 tenants in 2 ms."""
    state: Decimal | None = await connection.fetchval(
        "SELECT sum(hashtextextended(slug, catalogue_version)) FROM tenant"
    )
    return state


async def load_catalogue(connection: Connection, tenant: str, version: int) -> Catalogue:
    """Read it inside one transaction (REPEATABLE READ), so that its parts fit together."""
    profile = await get_profile(connection, tenant)
    fees = await _list_fees(connection, tenant)
    services = [
        msgspec.structs.replace(service, fees=fees[service.id]) for service in await _services(connection, tenant)
    ]
    offerings: defaultdict[UUID, list[Offering]] = defaultdict(list)
    for offering in await _offerings(connection, tenant):
        offerings[offering.service_id].append(offering)
    offered = {service_id: tuple(found) for service_id, found in offerings.items()}
    lanes = {lane.id: lane for lane in await _lanes(connection, tenant)}
    return Catalogue(
        tenant=tenant,
        version=version,
        retention_days=profile.retention_days,
        time_zone=profile.time_zone,
        services={service.id: service for service in services},
        offerings=offered,
        units={unit.id: unit.name for unit in await _units(connection, tenant)},
        locations={location.id: location for location in await list_locations(connection, tenant)},
        lanes=lanes,
        resources=_by_group(lanes.values()),
        items_max=await _items_max(connection, tenant),
        responsibility=make_rule_book(await list_rules(connection, tenant), offered, lanes),
    )


async def _services(connection: Connection, tenant: str) -> list[Service]:
    return await fetch_all(
        connection,
        Service,
        "SELECT id, name, name_en, kind, leika, life_situations, documents, documents_en, channels, fee_kind,"
        " payment_policy, online_url, audience, ARRAY[]::int[] AS fees,"
        " (SELECT array_agg(c.other_id) FROM service_combination c WHERE c.service_id = s.id) AS combines_with"
        " FROM service s WHERE tenant = $1 AND offered ORDER BY sort_key, id",
        tenant,
    )


async def _list_fees(connection: Connection, tenant: str) -> defaultdict[UUID, tuple[Fee, ...]]:
    rows = await fetch_all(
        connection,
        _FeeRow,
        "SELECT f.service_id, f.amount_cents, lower(f.valid) AS valid_from, upper(f.valid) AS valid_until"
        " FROM service_fee f JOIN service s ON s.id = f.service_id WHERE s.tenant = $1 ORDER BY lower(f.valid)",
        tenant,
    )
    fees: defaultdict[UUID, tuple[Fee, ...]] = defaultdict(tuple)
    for row in rows:
        fees[row.service_id] += (Fee(row.amount_cents, row.valid_from, row.valid_until),)
    return fees


async def _offerings(connection: Connection, tenant: str) -> list[Offering]:
    """Those that a lane serves: without one, nothing can be booked."""
    return await fetch_all(
        connection,
        Offering,
        "SELECT o.id, o.service_id, o.unit_id, o.location_id, o.duration_min, o.extra_item_min, o.max_quantity,"
        " o.buffer_min, o.step_min, o.notice_min, o.window_days, o.staggered_release, o.cancel_until_h,"
        " o.reschedule_until_h, o.audience,"
        " array_agg(k.lane_id ORDER BY k.lane_id) AS lane_ids,"
        " array(SELECT r.resource_group FROM offering_resource r WHERE r.offering_id = o.id ORDER BY 1)"
        " AS resource_groups"
        " FROM offering o JOIN skill k ON k.offering_id = o.id JOIN lane l ON l.id = k.lane_id"
        " WHERE o.tenant = $1 AND l.kind <> 'resource' GROUP BY o.id ORDER BY o.id",
        tenant,
    )


async def _units(connection: Connection, tenant: str) -> list[_Named]:
    return await fetch_all(connection, _Named, "SELECT id, name FROM organisational_unit WHERE tenant = $1", tenant)


async def list_locations(connection: Connection, tenant: str) -> list[Location]:
    return await fetch_all(
        connection,
        Location,
        "SELECT id, name, street, postcode, city, time_zone FROM location WHERE tenant = $1 ORDER BY name",
        tenant,
    )


async def _lanes(connection: Connection, tenant: str) -> list[Lane]:
    return await fetch_all(
        connection,
        Lane,
        "SELECT l.id, l.kind, l.location_id, coalesce(c.display_name, l.label) AS name, l.clerk_id, c.unit_id,"
        " coalesce(c.public_function, '') AS function, l.room,"
        " CASE WHEN l.retired_at IS NULL THEN l.resource_group END AS resource_group"
        " FROM lane l LEFT JOIN clerk c ON c.id = l.clerk_id WHERE l.tenant = $1 ORDER BY l.id",
        tenant,
    )


async def _items_max(connection: Connection, tenant: str) -> dict[int, int]:
    rows = await connection.fetch("SELECT id, items_max FROM lane WHERE tenant = $1 AND items_max IS NOT NULL", tenant)
    return {row["id"]: row["items_max"] for row in rows}


def _by_group(lanes: Iterable[Lane]) -> dict[tuple[UUID, str], tuple[int, ...]]:
    found: defaultdict[tuple[UUID, str], tuple[int, ...]] = defaultdict(tuple)
    for lane in lanes:
        if lane.resource_group is not None:
            found[lane.location_id, lane.resource_group] += (lane.id,)
    return dict(found)

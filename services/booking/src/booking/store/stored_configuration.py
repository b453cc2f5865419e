"""A tenant's configuration as the database has it. What is retired is left out."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from booking.domain.configuration import (
    ClerkRecord,
    Configuration,
    LaneKey,
    LaneRecord,
    LocationRecord,
    OfferingRecord,
    ServiceRecord,
    UnitRecord,
)
from booking.domain.fees import Fee
from booking.domain.rule_set import RuleSet
from booking.store.catalogue import StoredTenant
from booking.store.responsibility import list_rules
from booking.store.rule_changes import find_file_rules
from booking.store.rules import get_version, read_rule_set
from kit.sql import Connection, fetch_all, fetch_optional

LaneIds = Mapping[LaneKey, int]


class _LaneRow(LaneRecord, frozen=True, kw_only=True):
    id: int
    is_retired: bool


class StoredConfiguration(NamedTuple):
    configuration: Configuration
    """Its rules know lanes by their ids."""
    lane_ids: LaneIds
    """Of all lanes, the retired ones too: who comes back gets the old lane again."""


async def load_configuration(connection: Connection, tenant: str) -> StoredConfiguration:
    """Of a tenant that does not exist, an empty one. Locks the tenant: two configurations never mix."""
    row = await fetch_optional(
        connection, StoredTenant, "SELECT profile, position FROM tenant WHERE slug = $1 FOR NO KEY UPDATE", tenant
    )
    lanes = await _lanes(connection, tenant)
    keys = {lane.id: lane.key for lane in lanes}
    configuration = Configuration(
        profile=row.profile if row else None,
        position=row.position if row else 0,
        units=_by_id(await _units(connection, tenant)),
        locations=_by_id(await _locations(connection, tenant)),
        clerks=_by_id(await _clerks(connection, tenant)),
        lanes={lane.key: _record(lane) for lane in lanes if not lane.is_retired},
        services=_by_id(await _services(connection, tenant)),
        offerings=_by_id(await _offerings(connection, tenant, keys)),
        responsibility=tuple(await list_rules(connection, tenant)),
        rules=await _rules(connection, tenant) if row else RuleSet(),
    )
    return StoredConfiguration(configuration, {lane.key: lane.id for lane in lanes})


R = TypeVar("R", UnitRecord, LocationRecord, ClerkRecord, ServiceRecord, OfferingRecord)


def _by_id(rows: Iterable[R]) -> dict[UUID, R]:
    return {row.id: row for row in rows}


def _record(lane: _LaneRow) -> LaneRecord:
    return msgspec.convert(lane, LaneRecord, from_attributes=True)


async def _rules(connection: Connection, tenant: str) -> RuleSet:
    """What the files said last: what the staff changed meanwhile is no concern of theirs."""
    said = await find_file_rules(connection, tenant)
    return said or await read_rule_set(connection, tenant, await get_version(connection, tenant))


async def _units(connection: Connection, tenant: str) -> list[UnitRecord]:
    return await fetch_all(
        connection,
        UnitRecord,
        "SELECT id, name, parent_id FROM organisational_unit WHERE tenant = $1 AND retired_at IS NULL",
        tenant,
    )


async def _locations(connection: Connection, tenant: str) -> list[LocationRecord]:
    return await fetch_all(
        connection,
        LocationRecord,
        "SELECT id, name, street, postcode, city, time_zone FROM location WHERE tenant = $1 AND retired_at IS NULL",
        tenant,
    )


async def _clerks(connection: Connection, tenant: str) -> list[ClerkRecord]:
    return await fetch_all(
        connection,
        ClerkRecord,
        "SELECT id, unit_id, display_name, email, public_function, subject, calendar FROM clerk"
        " WHERE tenant = $1 AND retired_at IS NULL",
        tenant,
    )


async def _lanes(connection: Connection, tenant: str) -> list[_LaneRow]:
    return await fetch_all(
        connection,
        _LaneRow,
        "SELECT id, location_id, clerk_id, label, kind, room, resource_group, items_max,"
        " retired_at IS NOT NULL AS is_retired"
        " FROM lane WHERE tenant = $1",
        tenant,
    )


async def _services(connection: Connection, tenant: str) -> list[ServiceRecord]:
    services = await fetch_all(
        connection,
        ServiceRecord,
        "SELECT id, name, name_en, kind, leika, life_situations, position, synonyms, documents, documents_en, channels,"
        " fee_kind, payment_policy, accounting, audience, ARRAY[]::int[] AS fees, letter, sort_key, search_key,"
        " ARRAY(SELECT c.other_id FROM service_combination c WHERE c.service_id = s.id) AS combines_with"
        " FROM service s WHERE tenant = $1 AND offered",
        tenant,
    )
    fees = await _fees(connection, tenant)
    return [msgspec.structs.replace(service, fees=fees.get(service.id, ())) for service in services]


async def _fees(connection: Connection, tenant: str) -> dict[UUID, tuple[Fee, ...]]:
    rows = await connection.fetch(
        "SELECT f.service_id, f.amount_cents, lower(f.valid) AS valid_from, upper(f.valid) AS valid_until"
        " FROM service_fee f JOIN service s ON s.id = f.service_id WHERE s.tenant = $1"
        " ORDER BY lower(f.valid) NULLS FIRST",
        tenant,
    )
    fees: dict[UUID, tuple[Fee, ...]] = {}
    for row in rows:
        fee = Fee(row["amount_cents"], row["valid_from"], row["valid_until"])
        fees[row["service_id"]] = (*fees.get(row["service_id"], ()), fee)
    return fees


async def _offerings(connection: Connection, tenant: str, lanes: Mapping[int, LaneKey]) -> list[OfferingRecord]:
    rows = await connection.fetch(
        "SELECT o.id, o.service_id, o.unit_id, o.location_id, o.duration_min, o.extra_item_min, o.max_quantity,"
        " o.buffer_min, o.step_min, o.notice_min, o.window_days, o.staggered_release,"
        " o.cancel_until_h, o.reschedule_until_h, o.reminder_ahead_h, o.audience,"
        " array(SELECT k.lane_id FROM skill k WHERE k.offering_id = o.id) AS lane_ids,"
        " array(SELECT r.resource_group FROM offering_resource r WHERE r.offering_id = o.id) AS resource_groups"
        " FROM offering o WHERE o.tenant = $1 AND o.retired_at IS NULL",
        tenant,
    )
    return [_offering(dict(row), lanes) for row in rows]


def _offering(row: dict[str, object], lanes: Mapping[int, LaneKey]) -> OfferingRecord:
    lane_ids, groups = row.pop("lane_ids"), row.pop("resource_groups")
    assert isinstance(lane_ids, list)
    assert isinstance(groups, list)
    served_by = frozenset(lanes[lane_id] for lane_id in lane_ids)
    return msgspec.convert(row | {"served_by": served_by, "resource_groups": frozenset(groups)}, OfferingRecord)

"""Bringing a tenant's catalogue, offices and rules up to its files: `python -m booking configure`. Idempotent."""

import csv
import tomllib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from booking.domain.catalogue_files import (
    FileError,
    Office,
    OfficesFile,
    ServiceRow,
    office_of,
    parse_service_row,
)
from booking.domain.rule_files import rules_of_file
from booking.store import configuration as store
from booking.usecases.change_responsibility import save_file_rules
from booking.usecases.change_rules import bring_file_rules
from booking.usecases.rebuild_masks import rebuild_masks
from contracts.tenant import TenantProfile, TenantsFile
from kit.clock import Clock
from kit.sql import Connection, Pool

T = TypeVar("T")


class Files(NamedTuple):
    tenants: Sequence[TenantProfile]
    services: Sequence[ServiceRow]
    offices: OfficesFile


def read_files(tenants: Path, services: Path, offices: Path) -> Files:
    """Raises FileError, which names the file and the place."""
    with services.open(encoding="utf-8", newline="") as lines:
        rows = [parse_service_row(row, f"{services}:{number}") for number, row in enumerate(csv.DictReader(lines), 2)]
    return Files(_read_toml(tenants, TenantsFile).tenants, rows, _read_toml(offices, OfficesFile))


def _read_toml(file: Path, type_: type[T]) -> T:
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), type_)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise FileError(f"{file}: {error}") from None


async def configure(pool: Pool, files: Files, clock: Clock) -> None:
    """Each tenant in a transaction of its own, with its masks: nobody ever sees half a change."""
    for position, profile in enumerate(files.tenants):
        async with pool.acquire() as connection, connection.transaction():
            now = clock()
            await _configure_tenant(connection, files, profile, position, now)
            await rebuild_masks(connection, profile.slug, now)


async def _configure_tenant(
    connection: Connection, files: Files, profile: TenantProfile, position: int, now: datetime
) -> None:
    tenant = profile.slug
    offices = [office for office in files.offices.office if office.tenant == tenant]
    buildings = [building for building in files.offices.building if building.tenant == tenant]
    await store.save_tenant(connection, profile, position)
    await store.save_units(connection, tenant, dict.fromkeys(office.unit for office in offices))
    await store.save_locations(connection, tenant, buildings, profile.time_zone)
    lanes = {office.unit: await _save_lanes(connection, office) for office in offices}
    await _save_services(connection, files, profile, lanes)
    await save_file_rules(connection, tenant, [rule for rule in files.offices.responsibility if rule.tenant == tenant])
    locations = {building.name: store.id_for(tenant, "location", building.name) for building in buildings}
    await bring_file_rules(connection, tenant, rules_of_file(files.offices, profile, locations, lanes), now)


async def _save_lanes(connection: Connection, office: Office) -> list[int]:
    unit_id = store.id_for(office.tenant, "unit", office.unit)
    await store.save_clerks(connection, office.tenant, unit_id, office.clerks)
    location_id = store.id_for(office.tenant, "location", office.building)
    return await store.save_lanes(connection, office.tenant, location_id, office.clerks)


async def _save_services(
    connection: Connection, files: Files, profile: TenantProfile, lanes: dict[str, list[int]]
) -> None:
    tenant = profile.slug
    offices = {office.unit: office for office in files.offices.office if office.tenant == tenant}
    await store.retire_services(connection, tenant)
    for row in files.services:
        if not row.is_offered_by(profile.kind):
            continue
        office = office_of(row, offices)
        if office is None:
            raise FileError(f"{tenant}: no office “{row.office}” for “{row.name}”")
        service_id = await store.save_service(connection, tenant, row, office.accounting)
        if row.duration_min > 0:
            await store.save_offering(connection, service_id, row, office, lanes[office.unit])

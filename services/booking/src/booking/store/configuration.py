"""Writing a tenant's catalogue and rules: rows are inserted or brought up to date, so a second run is nothing new.

Ids are made of the tenant and the name (UUID version 5): a link to a service outlives a new installation.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid5

import asyncpg
import msgspec

from booking.domain.catalogue_files import Building, ClerkEntry, Office, ServiceRow
from booking.domain.folding import fold, letter_of, search_key
from contracts.tenant import TenantProfile
from kit.sql import Connection, execute

_NAMESPACE = UUID("6f1d7a52-3f0e-5b52-9d0c-2a7f4f4c1b10")


def id_for(tenant: str, kind: str, name: str) -> UUID:
    return uuid5(_NAMESPACE, f"{tenant}/{kind}/{name}")


async def save_tenant(connection: Connection, profile: TenantProfile, position: int) -> None:
    """Locks the tenant's row: two configurations of one tenant never mix."""
    await execute(
        connection,
        "INSERT INTO tenant (slug, profile, position, catalogue_version) VALUES ($1, $2, $3, 1)"
        " ON CONFLICT (slug) DO UPDATE SET profile = excluded.profile, position = excluded.position,"
        " catalogue_version = tenant.catalogue_version + 1",
        profile.slug,
        msgspec.to_builtins(profile),
        position,
    )


async def save_units(connection: Connection, tenant: str, names: Iterable[str]) -> None:
    await connection.executemany(
        "INSERT INTO organisational_unit (id, tenant, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [(id_for(tenant, "unit", name), tenant, name) for name in names],
    )


async def save_locations(connection: Connection, tenant: str, buildings: Iterable[Building], time_zone: str) -> None:
    await connection.executemany(
        "INSERT INTO location (id, tenant, name, street, postcode, city, time_zone) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (id) DO UPDATE SET street = excluded.street, postcode = excluded.postcode, city = excluded.city",
        [
            (id_for(tenant, "location", b.name), tenant, b.name, b.street, b.postcode, b.city, time_zone)
            for b in buildings
        ],
    )


async def save_clerks(connection: Connection, tenant: str, unit_id: UUID, clerks: Sequence[ClerkEntry]) -> None:
    await connection.executemany(
        "INSERT INTO clerk (id, tenant, unit_id, display_name, email, public_function, subject)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id,"
        " email = excluded.email, public_function = excluded.public_function, subject = excluded.subject",
        [(id_for(tenant, "clerk", c.name), tenant, unit_id, c.name, c.email, c.function, c.subject) for c in clerks],
    )


async def save_lanes(connection: Connection, tenant: str, location_id: UUID, clerks: Sequence[ClerkEntry]) -> list[int]:
    """One lane for each clerk; returns their ids in the clerks' order."""
    return [
        await connection.fetchval(
            "INSERT INTO lane (tenant, location_id, clerk_id, room) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (location_id, clerk_id) DO UPDATE SET room = excluded.room RETURNING id",
            tenant,
            location_id,
            id_for(tenant, "clerk", clerk.name),
            clerk.room,
        )
        for clerk in clerks
    ]


async def retire_services(connection: Connection, tenant: str) -> None:
    """What is no longer in the file stays for old appointments, and is found and booked no more."""
    await execute(connection, "UPDATE service SET offered = false WHERE tenant = $1", tenant)
    await execute(
        connection, "DELETE FROM skill k USING offering o WHERE o.id = k.offering_id AND o.tenant = $1", tenant
    )


async def save_service(connection: Connection, tenant: str, row: ServiceRow, accounting: dict[str, str]) -> UUID:
    service_id = id_for(tenant, "service", row.name)
    await execute(
        connection,
        "INSERT INTO service (id, tenant, name, name_en, kind, leika, life_situations, synonyms, documents, channels,"
        " fee_kind, payment_policy, accounting, letter, sort_key, search_key)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
        " ON CONFLICT (id) DO UPDATE SET name_en = excluded.name_en, kind = excluded.kind, leika = excluded.leika,"
        " life_situations = excluded.life_situations, synonyms = excluded.synonyms, documents = excluded.documents,"
        " channels = excluded.channels, fee_kind = excluded.fee_kind, payment_policy = excluded.payment_policy,"
        " accounting = excluded.accounting, search_key = excluded.search_key, offered = true",
        service_id,
        tenant,
        row.name,
        row.name_en,
        row.kind,
        row.leika,
        [row.life_situation],
        row.synonyms,
        row.documents,
        row.channels,
        row.fee_kind,
        row.payment_policy,
        accounting,
        letter_of(row.name),
        fold(row.name),
        search_key(row.name, row.name_en, *row.synonyms, row.life_situation),
    )
    await _save_fees(connection, service_id, row)
    return service_id


async def _save_fees(connection: Connection, service_id: UUID, row: ServiceRow) -> None:
    await execute(connection, "DELETE FROM service_fee WHERE service_id = $1", service_id)
    await connection.executemany(
        "INSERT INTO service_fee (service_id, amount_cents, valid) VALUES ($1, $2, $3)",
        [(service_id, fee.amount_cents, asyncpg.Range(fee.valid_from, fee.valid_until)) for fee in row.fees],
    )


async def save_offering(
    connection: Connection, service_id: UUID, row: ServiceRow, office: Office, lane_ids: Sequence[int]
) -> None:
    tenant = office.tenant
    offering_id = id_for(tenant, "offering", f"{row.name}@{office.building}")
    await execute(
        connection,
        "INSERT INTO offering (id, tenant, service_id, unit_id, location_id, duration_min, extra_item_min,"
        " max_quantity, buffer_min, step_min, notice_min, window_days, staggered_release, cancel_until_h,"
        " reschedule_until_h, reminder_ahead_h)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
        " ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id, duration_min = excluded.duration_min,"
        " extra_item_min = excluded.extra_item_min, max_quantity = excluded.max_quantity,"
        " buffer_min = excluded.buffer_min, step_min = excluded.step_min, notice_min = excluded.notice_min,"
        " window_days = excluded.window_days, staggered_release = excluded.staggered_release,"
        " cancel_until_h = excluded.cancel_until_h, reschedule_until_h = excluded.reschedule_until_h,"
        " reminder_ahead_h = excluded.reminder_ahead_h",
        offering_id,
        tenant,
        service_id,
        id_for(tenant, "unit", office.unit),
        id_for(tenant, "location", office.building),
        row.duration_min,
        row.extra_item_min,
        row.max_quantity,
        office.buffer_min,
        office.step_min,
        office.notice_min,
        office.window_days,
        office.staggered_release,
        row.cancel_until_h,
        row.reschedule_until_h,
        row.reminder_ahead_h,
    )
    await connection.executemany(
        "INSERT INTO skill (lane_id, offering_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        [(lane_id, offering_id) for lane_id in lane_ids],
    )

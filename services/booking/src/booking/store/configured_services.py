"""Writing what changes of a tenant's services and where they are offered (see store/configuration.py)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from booking.domain.configuration import LaneKey, OfferingRecord, ServiceRecord
from booking.domain.configuration_diff import Part
from kit.sql import Connection, execute


async def write_services(connection: Connection, tenant: str, part: Part[UUID, ServiceRecord]) -> None:
    """What is no longer in the file stays for old appointments, and is found and booked no more."""
    await execute(connection, "UPDATE service SET offered = false WHERE id = ANY($1)", part.cleared)
    services = part.written
    await connection.executemany(
        "INSERT INTO service (id, tenant, name, name_en, kind, leika, life_situations, synonyms, documents, channels,"
        " fee_kind, payment_policy, accounting, audience, letter, sort_key, search_key, position, documents_en)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, kind = excluded.kind,"
        " leika = excluded.leika, life_situations = excluded.life_situations, synonyms = excluded.synonyms,"
        " documents = excluded.documents, channels = excluded.channels, fee_kind = excluded.fee_kind,"
        " payment_policy = excluded.payment_policy, accounting = excluded.accounting, audience = excluded.audience,"
        " letter = excluded.letter, sort_key = excluded.sort_key, search_key = excluded.search_key,"
        " position = excluded.position, documents_en = excluded.documents_en, offered = true",
        [_service_row(tenant, service) for service in services],
    )
    await execute(
        connection, "DELETE FROM service_fee WHERE service_id = ANY($1)", [service.id for service in services]
    )
    await connection.executemany(
        "INSERT INTO service_fee (service_id, amount_cents, valid) VALUES ($1, $2, $3)",
        [
            (service.id, fee.amount_cents, asyncpg.Range(fee.valid_from, fee.valid_until))
            for service in services
            for fee in service.fees
        ],
    )


async def write_combinations(connection: Connection, part: Part[UUID, ServiceRecord]) -> None:
    """After all services are there, since each may name any other."""
    await execute(connection, "DELETE FROM service_combination WHERE service_id = ANY($1)", part.cleared)
    await connection.executemany(
        "INSERT INTO service_combination (service_id, other_id) VALUES ($1, $2)",
        [(service.id, other_id) for service in part.written for other_id in service.combines_with],
    )


def _service_row(tenant: str, service: ServiceRecord) -> tuple[object, ...]:
    return (
        service.id,
        tenant,
        service.name,
        service.name_en,
        service.kind,
        service.leika,
        service.life_situations,
        service.synonyms,
        service.documents,
        service.channels,
        service.fee_kind,
        service.payment_policy,
        service.accounting,
        service.audience,
        service.letter,
        service.sort_key,
        service.search_key,
        service.position,
        service.documents_en,
    )


async def write_offerings(
    connection: Connection,
    tenant: str,
    lanes: Mapping[LaneKey, int],
    part: Part[UUID, OfferingRecord],
    now: datetime,
) -> None:
    leaving = part.cleared
    await execute(connection, "UPDATE offering SET retired_at = $2 WHERE id = ANY($1)", leaving, now)
    await execute(connection, "DELETE FROM skill WHERE offering_id = ANY($1)", leaving)
    await execute(connection, "DELETE FROM offering_resource WHERE offering_id = ANY($1)", leaving)
    offerings = part.written
    await connection.executemany(
        "INSERT INTO offering (id, tenant, service_id, unit_id, location_id, duration_min, extra_item_min,"
        " max_quantity, buffer_min, step_min, notice_min, window_days, staggered_release,"
        " cancel_until_h, reschedule_until_h, reminder_ahead_h, audience)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
        " ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id, duration_min = excluded.duration_min,"
        " extra_item_min = excluded.extra_item_min, max_quantity = excluded.max_quantity,"
        " buffer_min = excluded.buffer_min, step_min = excluded.step_min, notice_min = excluded.notice_min,"
        " window_days = excluded.window_days, staggered_release = excluded.staggered_release,"
        " cancel_until_h = excluded.cancel_until_h, reschedule_until_h = excluded.reschedule_until_h,"
        " reminder_ahead_h = excluded.reminder_ahead_h,"
        " audience = excluded.audience, retired_at = NULL",
        [_offering_row(tenant, offering) for offering in offerings],
    )
    await connection.executemany(
        "INSERT INTO skill (lane_id, offering_id) VALUES ($1, $2)",
        [(lanes[key], offering.id) for offering in offerings for key in offering.served_by],
    )
    await connection.executemany(
        "INSERT INTO offering_resource (offering_id, resource_group) VALUES ($1, $2)",
        [(offering.id, group) for offering in offerings for group in offering.resource_groups],
    )


def _offering_row(tenant: str, offering: OfferingRecord) -> tuple[object, ...]:
    return (
        offering.id,
        tenant,
        offering.service_id,
        offering.unit_id,
        offering.location_id,
        offering.duration_min,
        offering.extra_item_min,
        offering.max_quantity,
        offering.buffer_min,
        offering.step_min,
        offering.notice_min,
        offering.window_days,
        offering.staggered_release,
        offering.cancel_until_h,
        offering.reschedule_until_h,
        offering.reminder_ahead_h,
        offering.audience,
    )

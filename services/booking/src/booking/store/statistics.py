"""Facts and counters. No row names a person or an appointment."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from booking.domain.appointment import Appointment
from booking.domain.statistics.cells import CellKey, Cells, Figure, StoredFact
from booking.domain.statistics.closed_day import OpenMinutes, Visit
from booking.domain.statistics.facts import Fact
from kit.sql import Connection, execute, fetch_all


async def insert_facts(connection: Connection, appointment: Appointment, facts: Sequence[Fact]) -> None:
    """In the transaction of what happened: counted once if it happened, and never if it did not."""
    if not facts:
        return
    await execute(
        connection,
        """
        INSERT INTO statistic_fact (measure, count, amount_cents, category, tenant, at, location_id, visit_at,
            time_zone, booked_via, channel, payment_mode, service_ids, quantities)
        SELECT f.measure, f.count, f.amount_cents, f.category, $5, $6, $7, $8, $9, $10, $11, $12, i.service_ids,
            i.quantities
        FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[]) AS f (measure, count, amount_cents, category),
             LATERAL (
                SELECT coalesce(array_agg(service_id), '{}') AS service_ids, coalesce(array_agg(quantity), '{}')
                    AS quantities
                FROM appointment_item WHERE appointment_id = $13 AND f.measure = 'bookings'
             ) AS i
        """,
        [fact.measure for fact in facts],
        [fact.count for fact in facts],
        [fact.amount_cents for fact in facts],
        [fact.category for fact in facts],
        appointment.tenant,
        appointment.updated_at,
        appointment.location_id,
        appointment.starts_at,
        appointment.time_zone,
        appointment.booked_via,
        appointment.channel,
        appointment.payment_mode,
        appointment.id,
    )


async def insert_abandoned(connection: Connection, tenant: str, appointment_ids: Sequence[UUID]) -> None:
    """Of reservations that have just lapsed together, as `facts_of` says it of one."""
    await execute(
        connection,
        "INSERT INTO statistic_fact (measure, count, amount_cents, category, tenant, at, location_id, visit_at,"
        " time_zone, booked_via, channel, payment_mode, service_ids, quantities)"
        " SELECT 'abandoned', 1, 0, '', tenant, updated_at, location_id, starts_at, time_zone, booked_via, channel,"
        " payment_mode, '{}', '{}' FROM appointment WHERE tenant = $1 AND id = ANY($2)",
        tenant,
        appointment_ids,
    )


async def claim_facts(connection: Connection, limit: int) -> list[StoredFact]:
    """Of all tenants, each tenant's together. They are gone with the caller's transaction, which counts them. A place
    is open while one of its clerks or counters is.
    """
    return await fetch_all(
        connection,
        StoredFact,
        """
        WITH claimed AS (
            DELETE FROM statistic_fact WHERE id IN (
                SELECT id FROM statistic_fact ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
            RETURNING tenant, at, measure, count, amount_cents, category, location_id, visit_at, time_zone, booked_via,
                channel, payment_mode, service_ids, quantities
        )
        SELECT c.tenant, c.at, c.measure, c.count, c.amount_cents, c.category, c.visit_at, c.time_zone, c.booked_via,
            c.channel, c.payment_mode, c.service_ids, c.quantities, (
                SELECT bool_or(get_bit(m.open, floor(extract(epoch FROM local.at::time) / 300)::int) = 1)
                FROM lane l JOIN day_mask m ON m.lane_id = l.id AND m.day = local.at::date
                WHERE l.tenant = c.tenant AND l.location_id = c.location_id AND l.kind <> 'resource'
                  AND c.measure = 'bookings'
            ) AS was_open
        FROM claimed c, LATERAL (SELECT c.at AT TIME ZONE c.time_zone AS at) AS local
        ORDER BY c.tenant
        """,
        limit,
    )


async def add_counts(connection: Connection, tenant: str, cells: Cells) -> None:
    """In one order, so that two who count at once never wait for each other in a circle."""
    await connection.executemany(
        "INSERT INTO statistic_count (tenant, day, measure, breakdown, category, count, amount)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, day, measure, breakdown, category)"
        " DO UPDATE SET count = statistic_count.count + excluded.count,"
        " amount = statistic_count.amount + excluded.amount",
        [(tenant, *key, cells[key].count, cells[key].amount) for key in sorted(cells)],
    )


async def list_counts(connection: Connection, tenant: str, first_day: date, last_day: date, unit: str) -> Cells:
    """Added up by month or day; the key's day is the first one."""
    rows = await connection.fetch(
        "SELECT date_trunc($4, day::timestamp)::date AS day, measure, breakdown, category, sum(count)::bigint AS count,"
        " sum(amount)::bigint AS amount FROM statistic_count"
        " WHERE tenant = $1 AND day BETWEEN $2 AND $3 GROUP BY 1, 2, 3, 4",
        tenant,
        first_day,
        last_day,
        unit,
    )
    return {
        CellKey(row["day"], row["measure"], row["breakdown"], row["category"]): Figure(row["count"], row["amount"])
        for row in rows
    }


class CountedUntil(msgspec.Struct, frozen=True):
    tenant: str
    time_zone: str
    last_day: date | None
    """Null: nothing yet."""


async def list_counted_until(connection: Connection) -> list[CountedUntil]:
    """All tenants."""
    return await fetch_all(
        connection,
        CountedUntil,
        "SELECT slug AS tenant, profile ->> 'time_zone' AS time_zone,"
        " (SELECT max(day) FROM statistic_day d WHERE d.tenant = t.slug) AS last_day FROM tenant t ORDER BY slug",
    )


async def insert_day(connection: Connection, tenant: str, day: date) -> bool:
    """False if the day is counted already."""
    inserted = await execute(
        connection, "INSERT INTO statistic_day (tenant, day) VALUES ($1, $2) ON CONFLICT DO NOTHING", tenant, day
    )
    return inserted == 1


async def list_visits(
    connection: Connection, tenant: str, since: datetime, until: datetime, states: Collection[str]
) -> list[Visit]:
    return await fetch_all(
        connection,
        Visit,
        "SELECT location_id, starts_at, ends_at FROM appointment"
        " WHERE tenant = $1 AND starts_at >= $2 AND starts_at < $3 AND state = ANY($4)",
        tenant,
        since,
        until,
        list(states),
    )


async def list_open_minutes(connection: Connection, tenant: str, day: date) -> list[OpenMinutes]:
    """Of clerks and counters: a room is no capacity of its own."""
    return await fetch_all(
        connection,
        OpenMinutes,
        "SELECT l.location_id, count(*)::int AS lanes, (sum(bit_count(m.open)) * 5)::int AS minutes"
        " FROM lane l JOIN day_mask m ON m.lane_id = l.id AND m.day = $2"
        " WHERE l.tenant = $1 AND l.kind <> 'resource' AND bit_count(m.open) > 0 GROUP BY 1",
        tenant,
        day,
    )


class OfferedServices(msgspec.Struct, frozen=True, kw_only=True):
    """Of today's catalogue."""

    offered: int
    online: int
    """Done wholly online."""
    bookable: int
    """With an appointment that citizens book."""
    payable_online: int
    """Of those bookable: with a fee that may be paid online."""


async def count_services(connection: Connection, tenant: str) -> OfferedServices:
    row = await connection.fetchrow(
        """
        SELECT count(*) AS offered,
               count(*) FILTER (WHERE kind = 'online') AS online,
               count(*) FILTER (WHERE is_bookable) AS bookable,
               count(*) FILTER (WHERE is_bookable AND fee_kind = 'fixed'
                                AND payment_policy IN ('online_required', 'online_optional')) AS payable_online
        FROM (SELECT s.kind, s.fee_kind, s.payment_policy, EXISTS (
                  SELECT 1 FROM offering o WHERE o.service_id = s.id AND o.retired_at IS NULL AND o.audience = 'public'
              ) AS is_bookable
              FROM service s
              WHERE s.tenant = $1 AND s.offered AND s.audience = 'public' AND s.kind <> 'surcharge') AS one
        """,
        tenant,
    )
    assert row is not None
    return msgspec.convert(dict(row), OfferedServices)


async def list_names(connection: Connection, tenant: str) -> dict[str, str]:
    """Of services and locations, the retired ones too: figures go on naming them."""
    rows = await connection.fetch(
        "SELECT id, name FROM service WHERE tenant = $1 UNION ALL SELECT id, name FROM location WHERE tenant = $1",
        tenant,
    )
    return {str(row["id"]): row["name"] for row in rows}

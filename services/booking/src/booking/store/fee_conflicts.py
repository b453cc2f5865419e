"""Visits whose fee, quoted for the day of the visit, is another one now: a change of law."""

from datetime import datetime

from kit.sql import Connection, execute


async def keep_fee_conflicts(connection: Connection, tenant: str, now: datetime) -> None:
    """Of visits to come that are not paid online: what is paid was quoted once and for all."""
    await _insert(connection, tenant, now)
    await _resolve(connection, tenant, now)


async def _insert(connection: Connection, tenant: str, now: datetime) -> None:
    await execute(
        connection,
        """
        INSERT INTO conflict (id, tenant, appointment_id, lane_id, starts_at, ends_at, cause, detail, found_at)
        SELECT gen_random_uuid(), $1, id, lane_id, starts_at, ends_at, 'fee',
               to_char(quoted / 100.0, 'FM999990.00') || ' EUR → ' || to_char(due / 100.0, 'FM999990.00') || ' EUR', $2
        FROM (
            SELECT a.id, a.lane_id, a.starts_at, a.ends_at, sum(i.fee_cents * i.quantity) AS quoted,
                   sum(f.amount_cents * i.quantity) AS due
            FROM appointment a
            JOIN appointment_item i ON i.appointment_id = a.id AND i.fee_cents IS NOT NULL
            JOIN service_fee f ON f.service_id = i.service_id
                AND f.valid @> (a.starts_at AT TIME ZONE a.time_zone)::date
            WHERE a.tenant = $1 AND a.starts_at > $2 AND a.state IN ('confirmed', 'checked_in')
              AND a.payment_mode <> 'online' AND NOT a.overbooked
            GROUP BY a.id
        ) AS visit
        WHERE quoted <> due AND NOT EXISTS (
            SELECT 1 FROM conflict c WHERE c.appointment_id = visit.id AND c.cause = 'fee'
            AND (c.starts_at, c.ends_at) = (visit.starts_at, visit.ends_at)
            AND (c.resolved_at IS NULL OR c.accepted_by IS NOT NULL))
        """,
        tenant,
        now,
    )


async def _resolve(connection: Connection, tenant: str, now: datetime) -> None:
    """Those whose fee is again what was quoted."""
    await execute(
        connection,
        """
        UPDATE conflict c SET resolved_at = $2 WHERE c.tenant = $1 AND c.cause = 'fee' AND c.resolved_at IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM appointment a JOIN appointment_item i ON i.appointment_id = a.id
            JOIN service_fee f ON f.service_id = i.service_id
                AND f.valid @> (a.starts_at AT TIME ZONE a.time_zone)::date
            WHERE a.id = c.appointment_id AND i.fee_cents <> f.amount_cents)
        """,
        tenant,
        now,
    )

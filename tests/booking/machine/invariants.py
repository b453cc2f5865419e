"""The nine invariants of booking (services/booking/README.md), asked of the database after every step."""

from datetime import datetime
from typing import LiteralString

from tests.booking.machine.house import Town

from booking.domain.appointment import LIVE, STANDING
from booking.usecases.check_tenant import check_tenant

# Each statement lists what breaks it; $1 is the tenant, $2 now.
STATEMENTS: dict[str, LiteralString] = {
    "1 no two visits of one lane overlap": """
        SELECT a.lane_id, a.during, b.during FROM occupation a JOIN occupation b
            ON b.lane_id = a.lane_id AND b.appointment_id > a.appointment_id AND b.during && a.during
        JOIN lane l ON l.id = a.lane_id WHERE l.tenant = $1 AND $2::timestamptz IS NOT NULL""",
    "1 who lives occupies a lane, who is dead occupies none": """
        SELECT a.id, a.state, count(o.lane_id) FROM appointment a LEFT JOIN occupation o ON o.appointment_id = a.id
        WHERE a.tenant = $1 AND $2::timestamptz IS NOT NULL GROUP BY a.id
        HAVING count(o.lane_id) <> (a.state = ANY($3) AND NOT a.overbooked)::int""",
    "3 visits begin on the grid, and end on the day on which they begin": """
        SELECT id FROM appointment WHERE tenant = $1 AND $2::timestamptz IS NOT NULL
            AND (extract(minute FROM starts_at)::int % 5 <> 0
                 OR (starts_at AT TIME ZONE time_zone)::date <> (ends_at AT TIME ZONE time_zone)::date)""",
    "4 a reservation ends, after ninety minutes at most": """
        SELECT id, state, held_at, expires_at FROM appointment WHERE tenant = $1 AND $2::timestamptz IS NOT NULL
            AND (expires_at > held_at + interval '90 minutes'
                 OR (expires_at IS NULL) = (state IN ('held', 'awaiting_email', 'awaiting_payment')))
            AND booked_via <> 'waitlist'""",
    "5 a fee is secured, waived, or due at the counter": """
        SELECT id, payment_mode, payment_state FROM appointment WHERE tenant = $1 AND $2::timestamptz IS NOT NULL
            AND state = ANY($4) AND payment_mode = 'online'
            AND payment_state NOT IN ('authorised', 'capturing', 'paid')""",
    "5 nobody is refunded more than was paid": """
        SELECT id FROM appointment WHERE tenant = $1 AND $2::timestamptz IS NOT NULL AND refunded_cents > paid_cents""",
    "5 what was paid is refunded once at most": """
        SELECT c.payment_id, sum(c.amount_cents) FROM payment_command c JOIN appointment a ON a.id = c.appointment_id
        WHERE a.tenant = $1 AND $2::timestamptz IS NOT NULL AND c.verb = 'refund' AND c.payment_id = a.payment_id
        GROUP BY c.payment_id, a.paid_cents HAVING sum(c.amount_cents) > max(a.paid_cents)""",
    "6 each version has its audit event, and no two": """
        SELECT a.id, a.version, count(*) FROM appointment a JOIN audit_event e ON e.appointment_id = a.id
        WHERE a.tenant = $1 AND $2::timestamptz IS NOT NULL GROUP BY a.id
        HAVING count(*) <> a.version OR max(e.version) <> a.version""",
    "6 no event tells a version that is not there": """
        SELECT o.event_id FROM outbox o JOIN appointment a ON a.id::text = o.payload ->> 'appointment_id'
        WHERE a.tenant = $1 AND $2::timestamptz IS NOT NULL AND (o.payload ->> 'version')::int > a.version""",
    "7 a visit has one live entry in a clerk's calendar, when and where it takes place": """
        SELECT a.id, count(g.id) FROM appointment a JOIN lane l ON l.id = a.lane_id
        LEFT JOIN assignment g ON g.appointment_id = a.id AND g.live AND g.clerk_id = l.clerk_id
            AND g.starts_at = a.starts_at AND g.ends_at = a.ends_at
        WHERE a.tenant = $1 AND $2::timestamptz IS NOT NULL AND a.state = ANY($4)
        GROUP BY a.id HAVING count(g.id) <> 1""",
    "7 nobody has a dead visit in the calendar": """
        SELECT g.id FROM assignment g JOIN appointment a ON a.id = g.appointment_id
        WHERE a.tenant = $1 AND $2::timestamptz IS NOT NULL AND g.live AND NOT a.state = ANY($4)""",
    "8 all that an appointment names is of its tenant": """
        SELECT a.id FROM appointment a LEFT JOIN lane l ON l.id = a.lane_id LEFT JOIN location p ON p.id = a.location_id
        WHERE a.tenant = $1 AND $2::timestamptz IS NOT NULL
            AND (l.tenant, p.tenant) IS DISTINCT FROM (a.tenant, a.tenant)""",
    "9 the figures, counted or still to be counted, say what the appointments say": """
        WITH figure AS (
            SELECT measure, count, amount_cents AS amount FROM statistic_fact WHERE tenant = $1
            UNION ALL SELECT measure, count, amount FROM statistic_count WHERE tenant = $1 AND breakdown = ''
        ), visit AS (
            SELECT a.*, EXISTS (SELECT 1 FROM audit_event e WHERE e.appointment_id = a.id
                                AND e.action IN ('confirm', 'authorise')) AS was_booked
            FROM appointment a WHERE tenant = $1 AND $2::timestamptz IS NOT NULL AND booked_via <> 'waitlist'
        ), said (measure, count, cents) AS (
            SELECT 'bookings', count(*), 0 FROM visit WHERE was_booked
            UNION ALL SELECT 'abandoned', count(*), 0 FROM visit
                WHERE NOT was_booked AND state IN ('expired', 'cancelled_by_citizen', 'cancelled_by_office')
            UNION ALL SELECT 'cancellations', count(*), 0 FROM visit
                WHERE was_booked AND rebook_until IS NULL AND state IN ('cancelled_by_citizen', 'cancelled_by_office')
            UNION ALL SELECT 'completed', count(*), 0 FROM visit WHERE state = 'completed'
            UNION ALL SELECT 'no_shows', count(*), 0 FROM visit WHERE state = 'no_show'
            UNION ALL SELECT 'payments', count(*), sum(paid_cents) FROM visit WHERE paid_cents > 0
            UNION ALL SELECT 'recovered', count(*), 0 FROM earlier_offer WHERE tenant = $1 AND outcome = 'taken'
        )
        SELECT s.measure, s.count, s.cents, sum(f.count) AS counted, sum(f.amount) AS amount
        FROM said s LEFT JOIN figure f USING (measure) GROUP BY 1, 2, 3
        HAVING s.count <> coalesce(sum(f.count), 0)
            OR s.measure = 'payments' AND coalesce(s.cents, 0) <> coalesce(sum(f.amount), 0)""",
}


async def broken(town: Town, now: datetime) -> list[str]:
    """What does not hold, in words."""
    faults = await check_tenant(town.pool, town.slug, now)  # 2: masks are rules − occupation
    lists = {"$3": sorted(LIVE), "$4": sorted(STANDING)}
    for name, statement in STATEMENTS.items():
        more = [value for parameter, value in lists.items() if parameter in statement]
        sql = statement if "$3" in statement else statement.replace("$4", "$3")
        rows = await town.pool.fetch(sql, town.slug, now, *more)
        faults += [f"{name}: {dict(row)}" for row in rows]
    rows = await town.pool.fetch("SELECT id, number, citizen_uid FROM appointment WHERE tenant = $1", town.slug)
    faults += [
        f"7 number and citizen's UID stay: {row['id']}"
        for row in rows
        if row["id"] in town.known and (row["number"], row["citizen_uid"]) != town.known[row["id"]]
    ]
    return faults

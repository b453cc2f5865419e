"""Keeping a slot: one statement that picks the lanes, takes them and writes it all; a look where that did not do."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

import msgspec

from booking.domain.appointment import BookedVia
from booking.domain.fees import FeeKind, PaymentPolicy
from booking.domain.lanes import LOAD_CLASS, Slot
from booking.domain.slots import steps_beside
from booking.store.bits import to_bit, to_text
from kit.sql import Connection


class StoredAnswer(NamedTuple):
    fingerprint: bytes
    answer: object


class Look(NamedTuple):
    """Why a slot could not be taken."""

    stored: StoredAnswer | None
    """What this Idempotency-Key was answered before."""
    is_overdue: bool
    """A hold of this tenant has expired and still occupies its slot."""
    is_open: bool
    """Some lane of each group is open at that time, taken or not."""
    is_free: bool


class ItemRow(msgspec.Struct, frozen=True):
    service_id: UUID
    offering_id: UUID
    quantity: int
    duration_min: int
    fee_cents: int | None


class HoldRow(msgspec.Struct, frozen=True, kw_only=True):
    """All that one hold writes, but for the lanes."""

    scope: str
    key: str
    fingerprint: bytes
    id: UUID
    tenant: str
    number: str
    location_id: UUID
    unit_id: UUID
    channel: str
    starts_at: datetime
    ends_at: datetime
    occupied_until: datetime
    """`ends_at` and the buffer."""
    time_zone: str
    fee_cents: int | None
    fee_kind: FeeKind
    payment_policy: PaymentPolicy
    citizen_uid: UUID
    now: datetime
    expires_at: datetime
    booked_via: BookedVia
    overbooked: bool
    invitation_id: UUID | None
    signature: str
    """Who holds, as the audit has it."""
    items: Sequence[ItemRow]
    grant_id: UUID
    grant_expires_at: datetime
    event_id: UUID
    event_subject: str
    event: msgspec.Struct
    answer: msgspec.Struct
    """What a repeated request is answered; the lane is added when it is known."""


class Wanted(NamedTuple):
    slot: Slot
    hold: HoldRow


# Every way of taking starts from `request` and gives `taken`: the request's number and the clerk's or counter's lane.
# What is not in `taken` writes nothing.
_REQUEST: LiteralString = """
    WITH request AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset($1) AS r (
            n int, lane_ids int[], lane_groups int[], preferred int[], day date, bits bit(288), beside bit(288),
            internal boolean, scope text, key text, fingerprint text, id uuid, tenant text, number text,
            location_id uuid, unit_id uuid, channel text, starts_at timestamptz, ends_at timestamptz,
            occupied_until timestamptz, time_zone text, fee_cents int, fee_kind text, payment_policy text,
            citizen_uid uuid, now timestamptz, expires_at timestamptz, booked_via text, overbooked boolean,
            invitation_id uuid, signature text, items jsonb, grant_id uuid, grant_expires_at timestamptz,
            event_id uuid, event_subject text, event jsonb, answer jsonb)
        LIMIT 16
    ),"""

# One lane each. Of two that picked the same steps of the same lane the first has it; a mask that somebody else is
# changing is left alone, so that no two batches ever wait for each other.
_TAKE_ONE_EACH: LiteralString = """
    candidate AS MATERIALIZED (
        SELECT r.n, r.day, r.bits, best.lane_id FROM request r CROSS JOIN LATERAL (
            SELECT lane_id FROM (
                SELECT m.lane_id, bit_count(m.open & ~m.free) AS load, bit_count(m.free & r.beside) AS loose
                FROM day_mask m WHERE m.lane_id = ANY(r.lane_ids) AND m.day = r.day AND m.free & r.bits = r.bits
                    AND (r.internal OR m.public & r.bits = r.bits)
            ) AS free_lane
            ORDER BY array_position(r.preferred, lane_id), load / $2::int, loose, load, random() LIMIT 1
        ) AS best
    ), picked AS MATERIALIZED (
        SELECT n, lane_id, day, bits FROM candidate c WHERE NOT EXISTS (
            SELECT FROM candidate o
            WHERE o.lane_id = c.lane_id AND o.day = c.day AND o.n < c.n AND o.bits & c.bits <> 0::bit(288))
    ), locked AS MATERIALIZED (
        SELECT w.lane_id, w.day, w.bits, mask.place
        FROM (SELECT lane_id, day, bit_or(bits) AS bits FROM picked GROUP BY lane_id, day) AS w CROSS JOIN LATERAL (
            SELECT m.ctid AS place FROM day_mask m
            WHERE m.lane_id = w.lane_id AND m.day = w.day AND m.free & w.bits = w.bits FOR UPDATE"""
_TAKE_ONE_EACH_END: LiteralString = """
        ) AS mask
    ), changed AS (
        UPDATE day_mask m SET free = m.free & ~l.bits FROM locked l WHERE m.ctid = l.place RETURNING m.lane_id, m.day
    ), taken AS (
        SELECT n, lane_id FROM picked JOIN changed USING (lane_id, day)
    ), occupation AS (
        INSERT INTO occupation (appointment_id, lane_id, during)
        SELECT r.id, t.lane_id, tstzrange(r.starts_at, r.occupied_until) FROM taken t JOIN request r USING (n)
    ),"""

# One request, a lane of each group. The masks are locked in the house's order before the first is changed, and none is
# changed unless all are still free.
_TAKE_SEVERAL: LiteralString = """
    candidate AS (
        SELECT w.lane_group, m.lane_id, bit_count(m.open & ~m.free) AS load, bit_count(m.free & r.beside) AS loose,
               r.preferred
        FROM request r CROSS JOIN unnest(r.lane_ids, r.lane_groups) AS w (lane_id, lane_group)
        JOIN day_mask m ON m.lane_id = w.lane_id AND m.day = r.day
        WHERE m.free & r.bits = r.bits AND (r.internal OR m.public & r.bits = r.bits)
    ), picked AS MATERIALIZED (
        SELECT DISTINCT ON (lane_group) lane_group, lane_id FROM candidate
        ORDER BY lane_group, array_position(preferred, lane_id), load / $2::int, loose, load, random()
    ), locked AS MATERIALIZED (
        SELECT m.lane_id, m.day, r.bits FROM request r JOIN day_mask m ON m.day = r.day
        WHERE m.lane_id IN (SELECT lane_id FROM picked) AND m.free & r.bits = r.bits
        ORDER BY m.lane_id FOR UPDATE OF m
    ), occupied AS (
        UPDATE day_mask m SET free = m.free & ~l.bits FROM locked l
        WHERE m.lane_id = l.lane_id AND m.day = l.day
            AND (SELECT count(*) FROM locked) = (SELECT count(DISTINCT g) FROM request, unnest(lane_groups) AS g)
        RETURNING m.lane_id
    ), taken AS (
        SELECT n, lane_id FROM request CROSS JOIN occupied JOIN picked USING (lane_id) WHERE lane_group = 0
    ), occupation AS (
        INSERT INTO occupation (appointment_id, lane_id, during)
        SELECT r.id, o.lane_id, tstzrange(r.starts_at, r.occupied_until) FROM request r CROSS JOIN occupied o
    ),"""

# Beside whatever the lane has then: overbooking takes no slot, and so writes no occupation.
_TAKE_NOTHING: LiteralString = """
    taken AS (
        SELECT r.n, l.id AS lane_id FROM request r JOIN lane l ON l.tenant = r.tenant AND l.id = r.lane_ids[1]
        WHERE $2::int IS NOT NULL
    ),"""

_WRITE: LiteralString = """
    held AS MATERIALIZED (
        SELECT t.lane_id, r.* FROM taken t JOIN request r USING (n)
    ), key AS (
        INSERT INTO idempotent_answer (scope, key, fingerprint, answer)
        SELECT scope, key, decode(fingerprint, 'base64'), answer || jsonb_build_object('lane_id', lane_id) FROM held
        ORDER BY scope, key
    ), appointment AS (
        INSERT INTO appointment (id, tenant, number, state, location_id, unit_id, lane_id, channel, starts_at, ends_at,
            time_zone, fee_cents, fee_kind, payment_policy, citizen_uid, held_at, expires_at, created_at, updated_at,
            booked_via, overbooked, invitation_id)
        SELECT id, tenant, number, 'held', location_id, unit_id, lane_id, channel, starts_at, ends_at, time_zone,
            fee_cents, fee_kind, payment_policy, citizen_uid, now, expires_at, now, now, booked_via, overbooked,
            invitation_id
        FROM held
    ), item AS (
        INSERT INTO appointment_item (appointment_id, position, service_id, offering_id, quantity, duration_min,
            fee_cents)
        SELECT h.id, i.position, i.service_id, i.offering_id, i.quantity, i.duration_min, i.fee_cents
        FROM held h CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(h.items)
            AS (service_id uuid, offering_id uuid, quantity int, duration_min int, fee_cents int)) WITH ORDINALITY
            AS i (service_id, offering_id, quantity, duration_min, fee_cents, position)
    ), grant_row AS (
        INSERT INTO access_grant (id, tenant, appointment_id, expires_at)
        SELECT grant_id, tenant, id, grant_expires_at FROM held
    ), audit AS (
        INSERT INTO audit_event (tenant, appointment_id, version, actor, action, at)
        SELECT tenant, id, 1, signature, 'hold', now FROM held
    ), event AS (
        INSERT INTO outbox (event_id, subject, payload) SELECT event_id, event_subject, event FROM held
    )
    SELECT n, lane_id FROM taken"""

_INSERT_MANY: LiteralString = _REQUEST + _TAKE_ONE_EACH + " SKIP LOCKED" + _TAKE_ONE_EACH_END + _WRITE
_INSERT_ONE: LiteralString = _REQUEST + _TAKE_ONE_EACH + _TAKE_ONE_EACH_END + _WRITE
_INSERT_IN_SEVERAL: LiteralString = _REQUEST + _TAKE_SEVERAL + _WRITE
_INSERT_BESIDE: LiteralString = _REQUEST + _TAKE_NOTHING + _WRITE

BATCH_MAX = 16
"""As many as `request` takes: the planner believes in a hundred where it is not told."""


async def insert_holds(connection: Connection, wanted: Sequence[Wanted]) -> list[int | None]:
    """Several at once, each in one lane of one group: one statement, so all that it writes or nothing.

    Lanes are picked without a lock, as `domain/lanes.py` says, and taken by compare-and-set. For each its lane; null if
    none was free, or somebody else was quicker or is changing the one that was picked. Waits for nobody. Raises
    UniqueViolationError if a key (an invitation; by chance, a number) is there already, and ExclusionViolationError
    should a mask ever say more than the occupation allows; then nothing of them all was written.
    """
    rows = await connection.fetch(_INSERT_MANY, [_row(n, one) for n, one in enumerate(wanted)], LOAD_CLASS)
    lanes = {row["n"]: row["lane_id"] for row in rows}
    return [lanes.get(n) for n in range(len(wanted))]


async def insert_hold(connection: Connection, wanted: Wanted) -> int | None:
    """One, in a lane of each group; all of them or none. Waits for who is changing the masks that it picked. Raises as
    `insert_holds` does.
    """
    if wanted.hold.overbooked:
        statement = _INSERT_BESIDE
    else:
        statement = _INSERT_ONE if len(wanted.slot.lane_groups) == 1 else _INSERT_IN_SEVERAL
    row = await connection.fetchrow(statement, [_row(0, wanted)], LOAD_CLASS)
    return row["lane_id"] if row else None


def _row(n: int, wanted: Wanted) -> dict[str, object]:
    slot, hold = wanted
    groups = [number for number, lane_ids in enumerate(slot.lane_groups) for _ in lane_ids]
    return msgspec.structs.asdict(hold) | {
        "n": n,
        "lane_ids": slot.lane_ids,
        "lane_groups": groups,
        "preferred": slot.preferred,
        "day": slot.place.day,
        "bits": to_text(slot.place.bits),
        "beside": to_text(steps_beside(slot.place.bits)),
        "internal": slot.internal,
    }


async def look_at_slot(connection: Connection, slot: Slot, hold: HoldRow) -> Look:
    """Without a lock."""
    # min() and not EXISTS: of that the planner believes that any scan meets a row soon, and reads the whole table.
    row = await connection.fetchrow(
        """
        SELECT bool_and(is_open) AS is_open, bool_and(is_free) AS is_free,
               coalesce((SELECT min(expires_at) FROM appointment WHERE tenant = $7) <= $6, false) AS is_overdue,
               (SELECT fingerprint FROM idempotent_answer WHERE scope = $8 AND key = $9) AS fingerprint,
               (SELECT answer FROM idempotent_answer WHERE scope = $8 AND key = $9) AS answer
        FROM (
            SELECT coalesce(bool_or(m.open & $4 = $4 AND ($5 OR m.public & $4 = $4)), false) AS is_open,
                   coalesce(bool_or(m.free & $4 = $4 AND ($5 OR m.public & $4 = $4)), false) AS is_free
            FROM unnest($1::int[], $2::int[]) AS w (lane_id, lane_group)
            LEFT JOIN day_mask m ON m.lane_id = w.lane_id AND m.day = $3 GROUP BY w.lane_group
        ) AS of_group
        """,
        slot.lane_ids,
        [number for number, lane_ids in enumerate(slot.lane_groups) for _ in lane_ids],
        slot.place.day,
        to_bit(slot.place.bits),
        slot.internal,
        hold.now,
        hold.tenant,
        hold.scope,
        hold.key,
    )
    assert row is not None
    stored = None if row["fingerprint"] is None else StoredAnswer(row["fingerprint"], row["answer"])
    return Look(stored, row["is_overdue"], row["is_open"], row["is_free"])

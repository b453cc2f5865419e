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
from booking.store.bits import to_bit
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


# $1 to $33 are the hold's; from $34 on each way of taking has its own. Each gives `taken` with the clerk's or counter's
# lane, or no row at all; then nothing is written.
_TAKE_ONE: LiteralString = """
    WITH picked AS (
        SELECT lane_id FROM (
            SELECT lane_id, bit_count(open & ~free) AS load, bit_count(free & $38) AS loose
            FROM day_mask WHERE lane_id = ANY($35) AND day = $36 AND free & $37 = $37 AND ($39 OR public & $37 = $37)
        ) AS candidate
        ORDER BY array_position($40::int[], lane_id), load / $41::int, loose, load, random() LIMIT 1
    ), taken AS (
        UPDATE day_mask m SET free = m.free & ~$37::bit(288) FROM picked
        WHERE m.lane_id = picked.lane_id AND m.day = $36 AND m.free & $37 = $37 RETURNING m.lane_id
    ), occupation AS (
        INSERT INTO occupation (appointment_id, lane_id, during) SELECT $4, lane_id, tstzrange($10, $34) FROM taken
    ),"""

# The masks are locked in the house's order before the first is changed, and none is changed unless all are still free.
_TAKE_SEVERAL: LiteralString = """
    WITH candidate AS (
        SELECT w.lane_group, m.lane_id, bit_count(m.open & ~m.free) AS load, bit_count(m.free & $38) AS loose
        FROM unnest($35::int[], $42::int[]) AS w (lane_id, lane_group) JOIN day_mask m USING (lane_id)
        WHERE m.day = $36 AND m.free & $37 = $37 AND ($39 OR m.public & $37 = $37)
    ), picked AS MATERIALIZED (
        SELECT DISTINCT ON (lane_group) lane_group, lane_id FROM candidate
        ORDER BY lane_group, array_position($40::int[], lane_id), load / $41::int, loose, load, random()
    ), locked AS MATERIALIZED (
        SELECT m.lane_id FROM day_mask m
        WHERE m.lane_id IN (SELECT lane_id FROM picked) AND m.day = $36 AND m.free & $37 = $37
        ORDER BY m.lane_id FOR UPDATE
    ), occupied AS (
        UPDATE day_mask m SET free = m.free & ~$37::bit(288) FROM locked
        WHERE m.lane_id = locked.lane_id AND m.day = $36 AND (SELECT count(*) FROM locked) = $43
        RETURNING m.lane_id
    ), taken AS (
        SELECT lane_id FROM occupied JOIN picked USING (lane_id) WHERE lane_group = 0
    ), occupation AS (
        INSERT INTO occupation (appointment_id, lane_id, during) SELECT $4, lane_id, tstzrange($10, $34) FROM occupied
    ),"""

_TAKE_NOTHING: LiteralString = " WITH taken AS (SELECT id AS lane_id FROM lane WHERE tenant = $5 AND id = $34),"

_WRITE: LiteralString = """
    key AS (
        INSERT INTO idempotent_answer (scope, key, fingerprint, answer)
        SELECT $1, $2, $3, $32::jsonb || jsonb_build_object('lane_id', lane_id) FROM taken
    ), appointment AS (
        INSERT INTO appointment (id, tenant, number, state, location_id, unit_id, lane_id, channel, starts_at, ends_at,
            time_zone, fee_cents, fee_kind, payment_policy, citizen_uid, held_at, expires_at, created_at, updated_at,
            booked_via, overbooked, invitation_id)
        SELECT $4, $5, $6, 'held', $7, $8, lane_id, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $17, $17, $19,
            $20, $21 FROM taken
    ), item AS (
        INSERT INTO appointment_item (appointment_id, position, service_id, offering_id, quantity, duration_min,
            fee_cents)
        SELECT $4, i.position, i.service_id, i.offering_id, i.quantity, i.duration_min, i.fee_cents
        FROM taken, unnest($23::uuid[], $24::uuid[], $25::int[], $26::int[], $27::int[]) WITH ORDINALITY
            AS i (service_id, offering_id, quantity, duration_min, fee_cents, position)
    ), grant_row AS (
        INSERT INTO access_grant (id, tenant, appointment_id, expires_at) SELECT $28, $5, $4, $29 FROM taken
    ), audit AS (
        INSERT INTO audit_event (tenant, appointment_id, version, actor, action, at)
        SELECT $5, $4, 1, $22, 'hold', $17 FROM taken
    ), event AS (
        INSERT INTO outbox (event_id, subject, payload) SELECT $30, $31, $33 FROM taken
    )
    SELECT lane_id FROM taken"""

_INSERT_IN_ONE: LiteralString = _TAKE_ONE + _WRITE
_INSERT_IN_SEVERAL: LiteralString = _TAKE_SEVERAL + _WRITE
_INSERT_BESIDE: LiteralString = _TAKE_NOTHING + _WRITE


async def insert_hold(connection: Connection, slot: Slot, hold: HoldRow) -> int | None:
    """Take the slot in a lane of each group and write every row of the hold: one statement, so all of it or nothing.

    Lanes are picked without a lock, as `domain/lanes.py` says, and taken by compare-and-set. The clerk's or counter's
    is returned; null if none was free, or if somebody else was quicker at one that was picked. Raises
    UniqueViolationError if the key (the invitation; by chance, the number) is there already, and
    ExclusionViolationError should a mask ever say more than the occupation allows.
    """
    bits = slot.place.bits
    how = [
        hold.occupied_until,
        slot.lane_ids,
        slot.place.day,
        to_bit(bits),
        to_bit(steps_beside(bits)),
        slot.internal,
        slot.preferred,
    ]
    lane_id: int | None
    if len(slot.lane_groups) == 1:
        lane_id = await connection.fetchval(_INSERT_IN_ONE, *_values(hold), *how, LOAD_CLASS)
    else:
        numbers = [number for number, lane_ids in enumerate(slot.lane_groups) for _ in lane_ids]
        several = (LOAD_CLASS, numbers, len(slot.lane_groups))
        lane_id = await connection.fetchval(_INSERT_IN_SEVERAL, *_values(hold), *how, *several)
    return lane_id


async def insert_hold_beside(connection: Connection, lane_id: int, hold: HoldRow) -> int | None:
    """Overbooking: beside whatever the lane has then. Takes no slot, and so writes no occupation."""
    found: int | None = await connection.fetchval(_INSERT_BESIDE, *_values(hold), lane_id)
    return found


def _values(hold: HoldRow) -> tuple[object, ...]:
    items = hold.items
    return (
        hold.scope,
        hold.key,
        hold.fingerprint,
        hold.id,
        hold.tenant,
        hold.number,
        hold.location_id,
        hold.unit_id,
        hold.channel,
        hold.starts_at,
        hold.ends_at,
        hold.time_zone,
        hold.fee_cents,
        hold.fee_kind,
        hold.payment_policy,
        hold.citizen_uid,
        hold.now,
        hold.expires_at,
        hold.booked_via,
        hold.overbooked,
        hold.invitation_id,
        hold.signature,
        [item.service_id for item in items],
        [item.offering_id for item in items],
        [item.quantity for item in items],
        [item.duration_min for item in items],
        [item.fee_cents for item in items],
        hold.grant_id,
        hold.grant_expires_at,
        hold.event_id,
        hold.event_subject,
        hold.answer,
        hold.event,
    )


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

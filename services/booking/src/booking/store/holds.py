"""Keeping a slot: one statement that picks a lane, takes the slot and writes it all; a look where that did not do."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from booking.domain.fees import FeeKind, PaymentPolicy
from booking.domain.slots import Place
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
    """Some lane is open at that time, taken or not."""
    is_free: bool


class ItemRow(msgspec.Struct, frozen=True):
    service_id: UUID
    offering_id: UUID
    quantity: int
    duration_min: int
    fee_cents: int | None


class HoldRow(msgspec.Struct, frozen=True, kw_only=True):
    """All that one hold writes, but for the lane."""

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
    items: Sequence[ItemRow]
    grant_id: UUID
    grant_expires_at: datetime
    event_id: UUID
    event_subject: str
    event: msgspec.Struct
    answer: msgspec.Struct
    """What a repeated request is answered; the lane is added when it is known."""


async def insert_hold(connection: Connection, lane_ids: Sequence[int], place: Place, hold: HoldRow) -> int | None:
    """Take the slot in one of the lanes and write every row of the hold: one statement, so all of it or nothing.

    The lane is picked without a lock (the least loaded one that day, by chance among equals) and taken by
    compare-and-set. Null if none was free, or if somebody else was quicker at the one that was picked. Raises
    UniqueViolationError if the key (or, by chance, the number) is there already, and ExclusionViolationError should a
    mask ever say more than the occupation allows.
    """
    items = hold.items
    lane_id: int | None = await connection.fetchval(
        """
        WITH picked AS (
            SELECT lane_id FROM day_mask WHERE lane_id = ANY($1) AND day = $2 AND free & $3 = $3
            ORDER BY bit_count(open & ~free), random() LIMIT 1
        ), taken AS (
            UPDATE day_mask m SET free = m.free & ~$3::bit(288) FROM picked
            WHERE m.lane_id = picked.lane_id AND m.day = $2 AND m.free & $3 = $3 RETURNING m.lane_id
        ), key AS (
            INSERT INTO idempotent_answer (scope, key, fingerprint, answer)
            SELECT $4, $5, $6, $7::jsonb || jsonb_build_object('lane_id', lane_id) FROM taken
        ), appointment AS (
            INSERT INTO appointment (id, tenant, number, state, location_id, unit_id, lane_id, channel, starts_at,
                ends_at, time_zone, fee_cents, fee_kind, payment_policy, citizen_uid, held_at, expires_at, created_at,
                updated_at)
            SELECT $8, $9, $10, 'held', $11, $12, lane_id, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $21, $21
            FROM taken
        ), item AS (
            INSERT INTO appointment_item (appointment_id, position, service_id, offering_id, quantity, duration_min,
                fee_cents)
            SELECT $8, i.position, i.service_id, i.offering_id, i.quantity, i.duration_min, i.fee_cents
            FROM taken, unnest($23::uuid[], $24::uuid[], $25::int[], $26::int[], $27::int[]) WITH ORDINALITY
                AS i (service_id, offering_id, quantity, duration_min, fee_cents, position)
        ), occupation AS (
            INSERT INTO occupation (appointment_id, lane_id, during)
            SELECT $8, lane_id, tstzrange($14, $28) FROM taken
        ), grant_row AS (
            INSERT INTO access_grant (id, tenant, appointment_id, expires_at) SELECT $29, $9, $8, $30 FROM taken
        ), audit AS (
            INSERT INTO audit_event (tenant, appointment_id, version, actor, action, at)
            SELECT $9, $8, 1, 'citizen', 'hold', $21 FROM taken
        ), event AS (
            INSERT INTO outbox (event_id, subject, payload) SELECT $31, $32, $33 FROM taken
        )
        SELECT lane_id FROM taken
        """,
        lane_ids,
        place.day,
        to_bit(place.bits),
        hold.scope,
        hold.key,
        hold.fingerprint,
        hold.answer,
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
        [item.service_id for item in items],
        [item.offering_id for item in items],
        [item.quantity for item in items],
        [item.duration_min for item in items],
        [item.fee_cents for item in items],
        hold.occupied_until,
        hold.grant_id,
        hold.grant_expires_at,
        hold.event_id,
        hold.event_subject,
        hold.event,
    )
    return lane_id


async def look_at_slot(connection: Connection, lane_ids: Sequence[int], place: Place, hold: HoldRow) -> Look:
    """Without a lock."""
    # min() and not EXISTS: of that the planner believes that any scan meets a row soon, and reads the whole table.
    row = await connection.fetchrow(
        """
        SELECT coalesce(bool_or(m.open & $3 = $3), false) AS is_open,
               coalesce(bool_or(m.free & $3 = $3), false) AS is_free,
               coalesce((SELECT min(expires_at) FROM appointment WHERE tenant = $5) <= $4, false) AS is_overdue,
               (SELECT fingerprint FROM idempotent_answer WHERE scope = $6 AND key = $7) AS fingerprint,
               (SELECT answer FROM idempotent_answer WHERE scope = $6 AND key = $7) AS answer
        FROM day_mask m WHERE m.lane_id = ANY($1) AND m.day = $2
        """,
        lane_ids,
        place.day,
        to_bit(place.bits),
        hold.now,
        hold.tenant,
        hold.scope,
        hold.key,
    )
    assert row is not None
    stored = StoredAnswer(row["fingerprint"], row["answer"]) if row["fingerprint"] else None
    return Look(stored, row["is_overdue"], row["is_open"], row["is_free"])

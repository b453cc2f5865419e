"""Keeping a slot: a cheap look at the lanes without a lock, then one statement that takes and writes it all."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from booking.domain.fees import FeeKind, PaymentPolicy
from booking.domain.slots import Place
from booking.store.bits import to_bit
from kit.sql import Connection


class Candidate(NamedTuple):
    lane_id: int
    load: int
    """Steps of that day that are taken already."""
    is_open: bool
    is_free: bool


class StoredAnswer(NamedTuple):
    fingerprint: bytes
    answer: object


class Look(NamedTuple):
    candidates: list[Candidate]
    stored: StoredAnswer | None
    """What this Idempotency-Key was answered before."""
    is_overdue: bool
    """A hold of this tenant has expired and still occupies its slot."""


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


async def look_at_lanes(connection: Connection, lane_ids: Sequence[int], place: Place, hold: HoldRow) -> Look:
    rows = await connection.fetch(
        """
        SELECT m.lane_id, bit_count(m.open & ~m.free)::int AS load,
               m.open & $3 = $3 AS is_open, m.free & $3 = $3 AS is_free,
               EXISTS (SELECT FROM appointment WHERE expires_at <= $4 AND tenant = $5) AS is_overdue,
               a.fingerprint, a.answer
        FROM day_mask m LEFT JOIN idempotent_answer a ON a.scope = $6 AND a.key = $7
        WHERE m.lane_id = ANY($1) AND m.day = $2
        """,
        lane_ids,
        place.day,
        to_bit(place.bits),
        hold.now,
        hold.tenant,
        hold.scope,
        hold.key,
    )
    candidates = [Candidate(row["lane_id"], row["load"], row["is_open"], row["is_free"]) for row in rows]
    first = rows[0] if rows else None
    stored = StoredAnswer(first["fingerprint"], first["answer"]) if first and first["fingerprint"] else None
    return Look(candidates, stored, bool(first and first["is_overdue"]))


async def find_answer(connection: Connection, scope: str, key: str) -> StoredAnswer | None:
    row = await connection.fetchrow(
        "SELECT fingerprint, answer FROM idempotent_answer WHERE scope = $1 AND key = $2", scope, key
    )
    return StoredAnswer(row["fingerprint"], row["answer"]) if row else None


async def insert_hold(connection: Connection, hold: HoldRow, lane_id: int, place: Place, answer: object) -> bool:
    """Compare-and-set of the mask, and every row of a hold, in one statement, so all of it or nothing.

    False if the slot is gone. Raises UniqueViolationError if the key (or, by chance, the number) is there already, and
    ExclusionViolationError should a mask ever say more than the occupation allows.
    """
    items = hold.items
    taken = await connection.fetchval(
        """
        WITH taken AS (
            UPDATE day_mask SET free = free & ~$3::bit(288)
            WHERE lane_id = $1 AND day = $2 AND free & $3 = $3 RETURNING lane_id
        ), key AS (
            INSERT INTO idempotent_answer (scope, key, fingerprint, answer) SELECT $4, $5, $6, $7 FROM taken
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
        SELECT true FROM taken
        """,
        lane_id,
        place.day,
        to_bit(place.bits),
        hold.scope,
        hold.key,
        hold.fingerprint,
        answer,
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
    return bool(taken)

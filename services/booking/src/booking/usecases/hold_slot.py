"""Holding a slot for fifteen minutes: the first binding step of a booking.

The lanes are looked at without a lock; the fairest free one is taken by compare-and-set, and on a miss the next.
"""

import logging
import random
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from booking.domain.catalogue import Catalogue, VisitPlan
from booking.domain.errors import Invalid, KeyReused, SlotTaken
from booking.domain.fees import Charge, FeeKind, PaymentPolicy, VisitFee, fee_of_visit, fee_on
from booking.domain.numbers import draw_number
from booking.domain.slots import Place, local_step
from booking.domain.times import check_start, occupied_place
from booking.store.holds import Candidate, HoldRow, ItemRow, StoredAnswer, find_answer, insert_hold, look_at_lanes
from booking.usecases.release_overdue import release_overdue
from contracts.booking import SUBJECT_PREFIX, AppointmentEvent
from kit.ids import uuid7
from kit.sql import Connection, Pool

log = logging.getLogger(__name__)

HOLD_MIN = 15


class HeldAppointment(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, as it is also stored for a repeated request: ids only."""

    id: UUID
    number: str
    version: int
    start: datetime
    end: datetime
    expires_at: datetime
    location_id: UUID
    lane_id: int
    clerk_name: str
    room: str | None
    fee_cents: int | None
    fee_kind: FeeKind
    payment_policy: PaymentPolicy
    grant_id: UUID


class Request(NamedTuple):
    """`fingerprint` tells one body from another under the same Idempotency-Key."""

    start: datetime
    key: str
    fingerprint: bytes


async def hold_slot(
    pool: Pool, catalogue: Catalogue, plans: Sequence[VisitPlan], request: Request, now: datetime
) -> HeldAppointment:
    """Raises Invalid, SlotTaken or KeyReused. `plans` are one visit's; the first with a free lane serves it."""
    is_open = False
    for plan in plans:
        check_start(plan, request.start, now)
        hold = _prepare(catalogue, plan, request, now)
        held, was_open = await _hold_at(pool, catalogue, plan, hold)
        if held:
            return held
        is_open = is_open or was_open
    if not is_open:
        raise Invalid.field("start", "outside the opening hours")
    raise SlotTaken


async def _hold_at(
    pool: Pool, catalogue: Catalogue, plan: VisitPlan, hold: HoldRow
) -> tuple[HeldAppointment | None, bool]:
    place = occupied_place(plan, hold.starts_at)
    async with pool.acquire() as connection:
        look = await look_at_lanes(connection, plan.lane_ids, place, hold)
    if look.is_overdue:
        await release_overdue(pool, hold.tenant, hold.now)
        async with pool.acquire() as connection:
            look = await look_at_lanes(connection, plan.lane_ids, place, hold)
    if look.stored:
        return _answer_again(look.stored, hold), True
    async with pool.acquire() as connection:
        held = await _take_one(connection, catalogue, hold, place, look.candidates)
    return held, any(candidate.is_open for candidate in look.candidates)


async def _take_one(
    connection: Connection, catalogue: Catalogue, hold: HoldRow, place: Place, candidates: Sequence[Candidate]
) -> HeldAppointment | None:
    for candidate in fairest_first(candidates):
        held = _held(catalogue, hold, candidate.lane_id)
        try:
            if await insert_hold(connection, hold, candidate.lane_id, place, msgspec.to_builtins(held)):
                return held
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "idempotent_answer_pkey":
                raise
            break
        except asyncpg.ExclusionViolationError:
            log.exception("mask and occupation differ", extra={"lane_id": candidate.lane_id, "day": str(place.day)})
    stored = await find_answer(connection, hold.scope, hold.key)
    return _answer_again(stored, hold) if stored else None


def fairest_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The least loaded lane of that day first, by chance among equals."""
    free = [candidate for candidate in candidates if candidate.is_free]
    random.shuffle(free)
    return sorted(free, key=lambda candidate: candidate.load)


def _answer_again(stored: StoredAnswer, hold: HoldRow) -> HeldAppointment:
    if stored.fingerprint != hold.fingerprint:
        raise KeyReused
    return msgspec.convert(stored.answer, HeldAppointment)


def _prepare(catalogue: Catalogue, plan: VisitPlan, request: Request, now: datetime) -> HoldRow:
    id_, event_id = uuid7(), uuid7()
    ends_at = request.start + timedelta(minutes=plan.duration_min)
    items = _items(plan, request.start)
    fee = _fee(plan, items)
    return HoldRow(
        scope=f"{catalogue.tenant}:hold",
        key=request.key,
        fingerprint=request.fingerprint,
        id=id_,
        tenant=catalogue.tenant,
        number=draw_number(secrets.choice),
        location_id=plan.location.id,
        unit_id=plan.unit_id,
        channel=plan.channel,
        starts_at=request.start,
        ends_at=ends_at,
        occupied_until=ends_at + timedelta(minutes=plan.buffer_min),
        time_zone=plan.location.time_zone,
        fee_cents=fee.cents,
        fee_kind=fee.kind,
        payment_policy=fee.policy,
        citizen_uid=uuid4(),
        now=now,
        expires_at=now + timedelta(minutes=HOLD_MIN),
        items=items,
        grant_id=uuid7(),
        grant_expires_at=ends_at + timedelta(days=catalogue.retention_days),
        event_id=event_id,
        event_subject=SUBJECT_PREFIX + "appointment.held",
        event=AppointmentEvent(
            id=event_id,
            type="appointment.held",
            tenant=catalogue.tenant,
            appointment_id=id_,
            version=1,
            state="held",
            occurred_at=now,
        ),
    )


def _items(plan: VisitPlan, start: datetime) -> list[ItemRow]:
    day, _ = local_step(start, ZoneInfo(plan.location.time_zone))
    return [
        ItemRow(part.service.id, part.offering.id, part.quantity, part.duration_min, fee_on(day, part.service.fees))
        for part in plan.items
    ]


def _fee(plan: VisitPlan, items: Sequence[ItemRow]) -> VisitFee:
    return fee_of_visit(
        [
            Charge(part.service.fee_kind, item.fee_cents, part.service.payment_policy, part.quantity)
            for part, item in zip(plan.items, items, strict=True)
        ]
    )


def _held(catalogue: Catalogue, hold: HoldRow, lane_id: int) -> HeldAppointment:
    lane = catalogue.lanes[lane_id]
    return HeldAppointment(
        id=hold.id,
        number=hold.number,
        version=1,
        start=hold.starts_at,
        end=hold.ends_at,
        expires_at=hold.expires_at,
        location_id=hold.location_id,
        lane_id=lane_id,
        clerk_name=lane.clerk_name,
        room=lane.room,
        fee_cents=hold.fee_cents,
        fee_kind=hold.fee_kind,
        payment_policy=hold.payment_policy,
        grant_id=hold.grant_id,
    )

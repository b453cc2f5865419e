"""Holding a slot for fifteen minutes: the first binding step of a booking.

The fairest free lane is picked without a lock and taken by compare-and-set, all in one statement. Only where that took
nothing is the cause looked for: an earlier answer to the same key, an expired hold in the way, or a slot that is gone.
"""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from booking.domain.catalogue import Catalogue
from booking.domain.errors import Conflict, Invalid, KeyReused, SlotTaken
from booking.domain.fees import Charge, FeeKind, PaymentPolicy, VisitFee, fee_of_visit, fee_on
from booking.domain.hold import CITIZEN, HoldOptions
from booking.domain.lanes import Slot, some_lanes
from booking.domain.numbers import NUMBER_BYTES, make_number
from booking.domain.slots import local_step
from booking.domain.times import check_start, occupied_place
from booking.domain.visit_plan import VisitPlan
from booking.store.holds import (
    HoldRow,
    ItemRow,
    Look,
    StoredAnswer,
    Wanted,
    insert_hold,
    look_at_slot,
)
from booking.usecases.hold_queue import HoldQueue
from booking.usecases.release_overdue import release_overdue
from booking.usecases.stand_in import days_of_clerk
from contracts.booking import SUBJECT_PREFIX, AppointmentEvent
from kit.ids import uuid7
from kit.sql import Connection, Pool

log = logging.getLogger(__name__)
QUEUED_TRIES = 3
"""Who has missed so often goes without the others, and waits for whoever is changing a mask."""


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
    """0 until the lane is known."""
    fee_cents: int | None
    fee_kind: FeeKind
    payment_policy: PaymentPolicy
    grant_id: UUID


class Request(NamedTuple):
    """`fingerprint` tells one body from another under the same Idempotency-Key."""

    start: datetime
    key: str
    fingerprint: bytes
    options: HoldOptions = CITIZEN


async def hold_slot(
    pool: Pool,
    catalogue: Catalogue,
    plans: Sequence[VisitPlan],
    request: Request,
    now: datetime,
    queue: HoldQueue | None = None,
) -> HeldAppointment:
    """`plans` are one visit's; the first with a free lane serves it. Raises Invalid, SlotTaken, KeyReused, or Conflict
    for an invitation that is used already.
    """
    looks: list[Look] = []
    for plan in plans:
        check_start(plan, request.start, now, any_time=request.options.any_time)
        day, _ = local_step(request.start, ZoneInfo(plan.location.time_zone))
        if day in await days_of_clerk(pool, plan, day, day):
            continue
        items = quote_items(plan, request.start)
        answer = _answer(plan, items, request, now)
        hold = _row(catalogue, plan, items, request, answer, now)
        held = await _hold_at(pool, plan, hold, answer, request.options, queue)
        if isinstance(held, HeldAppointment):
            return held
        looks.append(held)
    if not any(look.is_open for look in looks):
        raise Invalid.field("start", "outside the opening hours")
    raise SlotTaken


async def _hold_at(
    pool: Pool,
    plan: VisitPlan,
    hold: HoldRow,
    answer: HeldAppointment,
    options: HoldOptions,
    queue: HoldQueue | None,
) -> HeldAppointment | Look:
    """What was held, or why nothing was. Goes on while there is something free: somebody else was only quicker."""
    every = Slot(plan.lane_groups, plan.preferred, occupied_place(plan, hold.starts_at), options.internal)
    slot = every._replace(lane_groups=(some_lanes(plan.lane_ids, plan.preferred), *plan.resources))
    misses = 0
    while True:
        lane_id = await _take(pool, Wanted(slot, hold), queue if misses < QUEUED_TRIES else None)
        if lane_id is not None:
            return msgspec.structs.replace(answer, lane_id=lane_id)
        async with pool.acquire() as connection:
            look = await look_at_slot(connection, every, hold)
        if look.stored:
            return _answer_again(look.stored, hold)
        if look.is_overdue:
            await release_overdue(pool, hold.tenant, hold.now)
        elif not look.is_free:
            return look
        slot, misses = every, misses + 1


async def _take(pool: Pool, wanted: Wanted, queue: HoldQueue | None) -> int | None:
    try:
        if queue and len(wanted.slot.lane_groups) == 1 and not wanted.hold.overbooked:
            return await queue.take(wanted)
        async with pool.acquire() as connection:
            return await insert_hold(connection, wanted)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "appointment_by_invitation":
            async with pool.acquire() as connection:
                await _require_unused(connection, wanted.slot, wanted.hold)
        elif error.constraint_name != "idempotent_answer_pkey":
            raise
        return None
    except asyncpg.ExclusionViolationError:
        slot = wanted.slot
        log.exception("a mask is wrong", extra={"lane_groups": slot.lane_groups, "day": str(slot.place.day)})
        raise SlotTaken from None


async def _require_unused(connection: Connection, slot: Slot, hold: HoldRow) -> None:
    """The invitation has an appointment: this very request's, or one that has lapsed. Raises Conflict otherwise."""
    look = await look_at_slot(connection, slot, hold)
    if not look.stored and not look.is_overdue:
        raise Conflict("This invitation was used already.")


def _answer_again(stored: StoredAnswer, hold: HoldRow) -> HeldAppointment:
    if stored.fingerprint != hold.fingerprint:
        raise KeyReused
    return msgspec.convert(stored.answer, HeldAppointment)


def _answer(plan: VisitPlan, items: Sequence[ItemRow], request: Request, now: datetime) -> HeldAppointment:
    fee = _fee(plan, items)
    return HeldAppointment(
        id=uuid7(),
        number=make_number(secrets.token_bytes(NUMBER_BYTES)),
        version=1,
        start=request.start,
        end=request.start + timedelta(minutes=plan.duration_min),
        expires_at=now + request.options.lasts,
        location_id=plan.location.id,
        lane_id=0,
        fee_cents=fee.cents,
        fee_kind=fee.kind,
        payment_policy=fee.policy,
        grant_id=uuid7(),
    )


def _row(
    catalogue: Catalogue,
    plan: VisitPlan,
    items: Sequence[ItemRow],
    request: Request,
    answer: HeldAppointment,
    now: datetime,
) -> HoldRow:
    options = request.options
    event = _event(catalogue.tenant, answer, now)
    return HoldRow(
        scope=f"{catalogue.tenant}:hold" + (f":{options.signature}" if options.by.subject else ""),
        key=request.key,
        fingerprint=request.fingerprint,
        id=answer.id,
        tenant=catalogue.tenant,
        number=answer.number,
        location_id=answer.location_id,
        unit_id=plan.unit_id,
        channel=plan.channel,
        starts_at=answer.start,
        ends_at=answer.end,
        occupied_until=answer.end + timedelta(minutes=plan.buffer_min),
        time_zone=plan.location.time_zone,
        fee_cents=answer.fee_cents,
        fee_kind=answer.fee_kind,
        payment_policy=answer.payment_policy,
        citizen_uid=uuid4(),
        now=now,
        expires_at=answer.expires_at,
        booked_via=options.booked_via,
        overbooked=options.overbook,
        invitation_id=options.invitation_id,
        signature=options.signature,
        items=items,
        grant_id=answer.grant_id,
        grant_expires_at=answer.end + timedelta(days=catalogue.retention_days),
        event_id=event.id,
        event_subject=SUBJECT_PREFIX + event.type,
        event=event,
        answer=answer,
    )


def _event(tenant: str, held: HeldAppointment, now: datetime) -> AppointmentEvent:
    return AppointmentEvent(
        id=uuid7(),
        type="appointment.held",
        tenant=tenant,
        appointment_id=held.id,
        version=held.version,
        state="held",
        occurred_at=now,
    )


def quote_items(plan: VisitPlan, start: datetime) -> list[ItemRow]:
    """With the fee of each as it is on the day of the visit."""
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

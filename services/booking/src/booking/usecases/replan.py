"""What becomes of the visits that an absence or a closing displaces: planned, and applied, in the caller's transaction.

Locks in the house's order: the visits' rows, the tenant's rules, the masks that a visit may leave or go to.
A visit that comes in between is not locked, so whoever plans starts again (`Overtaken`).
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import Appointment, By
from booking.domain.catalogue import Catalogue
from booking.domain.change import cancel_by_office
from booking.domain.errors import Conflict, Invalid, PlanStale
from booking.domain.named_clerks import lanes_of_deputies
from booking.domain.projection import Mask, MaskKey
from booking.domain.replanning import Colleagues, Measure, Outcome, fingerprint_of, plan_measures
from booking.domain.slots import place_of
from booking.domain.visit_plan import RequestedItem, VisitPlan, plan_visit
from booking.domain.waitlist import let_go
from booking.store.appointments import lock_appointments
from booking.store.call_list import insert_call
from booking.store.conflicts import resolve_moved
from booking.store.displaced import DisplacedRow, Span, list_displaced
from booking.store.masks import list_masks, lock_these_masks
from booking.store.profile import get_profile
from booking.store.rules import lock_rules
from booking.usecases.offer_rebooking import record_offer
from booking.usecases.once import Once, claim_once, finish_once
from booking.usecases.reassign_visit import hand_over
from booking.usecases.record import record
from kit.clock import Clock
from kit.sql import Connection, Pool

Lanes = Collection[int]
Visits = Mapping[UUID, Appointment]
TRIES: Final = 5


class Overtaken(Exception):
    """A visit came in while the others were being locked."""


class MeasureView(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID
    number: str
    start: datetime
    outcome: Outcome
    """reassign: a colleague takes it at the same time. offer_rebooking: the citizen is offered another time by mail.
    call: it stays until somebody has called (call list). cancel: it was only reserved.
    """
    clerk_id: UUID | None
    """The colleague."""
    clerk: str | None


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID | None
    """Of the absence; null where none was entered."""
    plan: str
    """Sent with the application, it applies this plan or none (409 `plan_stale`)."""
    measures: tuple[MeasureView, ...]


async def apply_once(pool: Pool, once: Once, apply: Callable[[Connection], Awaitable[PlanView]]) -> PlanView:
    """In a transaction of its own, again where a visit came in between. Raises Conflict, KeyReused."""
    for _ in range(TRIES):
        with suppress(Overtaken):
            async with pool.acquire() as connection, connection.transaction():
                known = await claim_once(connection, once, PlanView)
                if known is not None:
                    return known
                done = await apply(connection)
                await finish_once(connection, once, done)
                return done
    raise Conflict("Visits come in there all the time. Try again in a moment.")


async def draft(
    connection: Connection, catalogue: Catalogue, span: Span, away: Lanes | None, now: datetime
) -> Sequence[Measure]:
    """Without a lock, for a look. `away`: lanes that take no visit over; null: no lane does."""
    rows = await list_displaced(connection, catalogue.tenant, span, now)
    return await _plan(connection, catalogue, rows, away)


async def lock_displaced(
    connection: Connection, catalogue: Catalogue, span: Span, away: Lanes | None, now: datetime
) -> Visits:
    """What is displaced, the rules, and every mask that a visit may leave or go to. Then the caller closes the time."""
    rows = await list_displaced(connection, catalogue.tenant, span, now)
    visits = await lock_appointments(connection, catalogue.tenant, [row.id for row in rows])
    await lock_rules(connection, catalogue.tenant)
    if away is not None:
        await lock_these_masks(connection, _keys(catalogue, rows, span, away))
    return visits


async def plan_locked(
    connection: Connection,
    catalogue: Catalogue,
    span: Span,
    away: Lanes | None,
    visits: Visits,
    known: str | None,
    now: datetime,
) -> Sequence[Measure]:
    """Once the time is closed. `known`: the plan that was looked at, if any. Raises PlanStale, Overtaken."""
    rows = await list_displaced(connection, catalogue.tenant, span, now)
    if any(row.id not in visits for row in rows):
        raise Overtaken
    measures = await _plan(connection, catalogue, rows, away)
    if known is not None and known != fingerprint_of(measures):
        raise PlanStale
    return measures


async def apply_measures(
    connection: Connection, tenant: str, visits: Visits, measures: Sequence[Measure], note: str, clock: Clock, by: By
) -> None:
    for measure in measures:
        await _apply(connection, visits[measure.visit.id], measure, note, clock, by)
    await resolve_moved(connection, tenant, clock())


async def _apply(connection: Connection, visit: Appointment, measure: Measure, note: str, clock: Clock, by: By) -> None:
    now = clock()
    match measure.outcome:
        case "reassign":
            assert measure.lane_id is not None
            await hand_over(connection, clock, visit, measure.lane_id, by)
        case "offer_rebooking":
            await record_offer(connection, await get_profile(connection, visit.tenant), visit, note, now, by)
        case "call":
            await insert_call(connection, visit.tenant, visit.id, visit.lane_id, visit.starts_at, note, now)
        case "cancel":
            await record(connection, cancel_by_office(visit, note, now, by))
        case "let_go":
            await record(connection, let_go(visit, now))


def show_plan(catalogue: Catalogue, measures: Sequence[Measure], absence_id: UUID | None) -> PlanView:
    shown = [_show(catalogue, measure) for measure in measures if measure.outcome != "let_go"]
    return PlanView(id=absence_id, plan=fingerprint_of(measures), measures=tuple(shown))


def _show(catalogue: Catalogue, measure: Measure) -> MeasureView:
    lane = catalogue.lanes.get(measure.lane_id) if measure.lane_id else None
    return MeasureView(
        appointment_id=measure.visit.id,
        number=measure.visit.number,
        start=measure.visit.starts_at.astimezone(ZoneInfo(catalogue.time_zone)),
        outcome=measure.outcome,
        clerk_id=lane.clerk_id if lane else None,
        clerk=lane.name if lane else None,
    )


async def _plan(
    connection: Connection, catalogue: Catalogue, rows: Sequence[DisplacedRow], away: Lanes | None
) -> Sequence[Measure]:
    plans = _plans(catalogue, rows) if away is not None else {}
    lane_ids = {lane_id for plan in plans.values() for lane_id in plan.lane_ids}.difference(away or ())
    days = [_day(row) for row in rows] or [date.min]
    masks = await list_masks(connection, lane_ids, min(days), max(days)) if lane_ids else {}
    deputies = {row.id: lanes_of_deputies(catalogue, row.lane_id, row.service_ids) for row in rows}
    colleagues = {row.id: _colleagues(row, plans[row.id], masks, deputies[row.id]) for row in rows if row.id in plans}
    return plan_measures(rows, colleagues)


def _colleagues(
    row: DisplacedRow, plan: VisitPlan, masks: Mapping[MaskKey, Mask], deputies: Sequence[int]
) -> Colleagues:
    """Who serves all of its services at the same place and is free: the deputy first, then the less loaded."""
    until = row.ends_at + timedelta(minutes=plan.buffer_min)
    place = place_of(row.starts_at, until, ZoneInfo(row.time_zone))
    free = [
        (lane_id not in deputies, (mask.open & ~mask.free).bit_count(), lane_id)
        for lane_id in plan.lane_ids
        if (mask := masks.get((lane_id, place.day))) and mask.free & place.bits == place.bits
    ]
    return Colleagues(place, [lane_id for _, _, lane_id in sorted(free)])


def _plans(catalogue: Catalogue, rows: Sequence[DisplacedRow]) -> dict[UUID, VisitPlan]:
    """Those that can be planned: their services are offered still."""
    found = {}
    for row in rows:
        items = [RequestedItem(*item) for item in zip(row.service_ids, row.quantities, strict=True)]
        try:
            plans = plan_visit(catalogue, items, location_id=row.location_id, channel=row.channel, unit_id=row.unit_id)
        except Invalid:
            continue
        found[row.id] = plans[0]
    return found


def _keys(catalogue: Catalogue, rows: Sequence[DisplacedRow], span: Span, away: Collection[int] | None) -> set[MaskKey]:
    """What is left, on all days of the span, and where visits may go."""
    if away is None:
        return set()
    plans = _plans(catalogue, rows)
    first, last = local_days(catalogue, span.since, span.until)
    left = {(lane_id, first + timedelta(days=n)) for lane_id in away for n in range((last - first).days + 1)}
    return left | {(lane_id, _day(row)) for row in rows if row.id in plans for lane_id in plans[row.id].lane_ids}


def local_days(catalogue: Catalogue, since: datetime, until: datetime) -> tuple[date, date]:
    """The first and the last day that these two instants touch."""
    zone = ZoneInfo(catalogue.time_zone)
    return since.astimezone(zone).date(), until.astimezone(zone).date()


def _day(row: DisplacedRow) -> date:
    return row.starts_at.astimezone(ZoneInfo(row.time_zone)).date()

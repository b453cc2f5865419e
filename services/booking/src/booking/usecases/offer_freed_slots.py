"""A freed slot is offered to whom it fits best, then to the next; when nobody wants it, it is free for everybody."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import Appointment
from booking.domain.catalogue import Catalogue
from booking.domain.errors import Invalid, SlotTaken
from booking.domain.named_clerks import lanes_to_stay_in
from booking.domain.served_lanes import served_in
from booking.domain.slots import place_of
from booking.domain.visit_plan import RequestedItem, VisitPlan, plan_visit
from booking.domain.waitlist import find_start, hold_for, keep_until, let_go, offer_earlier, offer_until
from booking.store.appointments import get_appointment, lock_appointments
from booking.store.catalogue_cache import CatalogueCache
from booking.store.earlier_offers import has_open_offer, insert_offer, settle_offer, settle_over
from booking.store.freed_slots import DueSlot, delete_freed_slot, list_due, postpone_slot, read_freed_time
from booking.store.masks import list_masks
from booking.store.profile import get_profile
from booking.store.waitlist import WaitingVisit, list_waiting
from booking.usecases.place_visit import place_visit
from booking.usecases.record import record
from kit.clock import Clock
from kit.sql import Connection, Pool

BATCH = 100
WAITING_MAX = 500
"""So many are looked at for one slot; they stand in the order in which they are asked."""


class Fit(NamedTuple):
    visit: WaitingVisit
    plan: VisitPlan
    start: datetime


async def offer_freed_slots(pool: Pool, catalogues: CatalogueCache, clock: Clock) -> int:
    """The worker's step. Return how many slots were looked at."""
    now = clock()
    async with pool.acquire() as connection:
        due = await list_due(connection, now, BATCH)
    for each in due:
        catalogue = await catalogues.get(each.tenant)
        try:
            async with pool.acquire() as connection, connection.transaction():
                await _decide_on(connection, catalogue, each, now)
        except (SlotTaken, Invalid):  # the free time beside it went at the same moment; the next look sees that
            continue
    return len(due)


async def _decide_on(connection: Connection, catalogue: Catalogue, due: DueSlot, now: datetime) -> None:
    """Looks without locks, then locks the slot and the visit that it fits, and sees whether both are as they were."""
    slot = await get_appointment(connection, due.tenant, due.held_id)
    fit = await _find_fit(connection, catalogue, slot, now)
    visit_id = fit.visit.appointment_id if fit else None
    locked = await lock_appointments(connection, due.tenant, [slot.id, *([visit_id] if visit_id else [])])
    await settle_over(connection, slot.id, visit_id, now)
    if locked[slot.id].state != "held":
        await _forget(connection, slot, now)
    elif locked[slot.id].version != slot.version or await has_open_offer(connection, slot.id, visit_id):
        return
    elif fit is None:
        await _let_wait(connection, slot, due.public_at, now)
    elif locked[fit.visit.appointment_id].version == fit.visit.version:
        await _offer(connection, slot, locked[fit.visit.appointment_id], fit, now)


async def _find_fit(connection: Connection, catalogue: Catalogue, slot: Appointment, now: datetime) -> Fit | None:
    place = place_of(slot.starts_at, slot.ends_at, ZoneInfo(slot.time_zone))
    freed = await read_freed_time(connection, slot, place)
    if freed is None or slot.state != "held":
        return None
    for visit in await list_waiting(connection, slot, now, WAITING_MAX):
        plan = _plan(catalogue, visit)
        if plan is None or slot.lane_id not in plan.lane_ids:
            continue
        beside = await _free_beside(connection, plan, place.day)
        start = find_start(plan, visit.starts_at, visit.wishes, freed._replace(beside=beside), now)
        if start:
            return Fit(visit, plan, start)
    return None


def _plan(catalogue: Catalogue, visit: WaitingVisit) -> VisitPlan | None:
    """None where its services are no longer offered. A visit to a clerk whom a rule names stays with that clerk."""
    items = [RequestedItem(*item) for item in zip(visit.service_ids, visit.quantities, strict=True)]
    place = {"location_id": visit.location_id, "unit_id": visit.unit_id}
    try:
        plans = plan_visit(catalogue, items, channel=visit.channel, **place)
    except Invalid:
        return None
    stays_in = lanes_to_stay_in(catalogue, visit.lane_id, visit.service_ids)
    return next(iter(plans if stays_in is None else served_in(plans, stays_in)), None)


async def _free_beside(connection: Connection, plan: VisitPlan, day: date) -> tuple[tuple[int, ...], ...]:
    if not plan.resources:
        return ()
    masks = await list_masks(connection, [lane_id for group in plan.resources for lane_id in group], day, day)
    return tuple(tuple(masks[lane, day].free for lane in group if (lane, day) in masks) for group in plan.resources)


async def _offer(connection: Connection, slot: Appointment, visit: Appointment, fit: Fit, now: datetime) -> None:
    """The slot is held as this visit needs it, with a room if it needs one. Raises SlotTaken, Invalid."""
    profile = await get_profile(connection, slot.tenant)
    until = offer_until(fit.plan, fit.start, profile.earlier_offer_min, now)
    end = fit.start + timedelta(minutes=fit.plan.duration_min)
    here = msgspec.structs.replace(fit.plan, lane_ids=(slot.lane_id,))
    await place_visit(connection, slot, here, fit.start, internal=True)
    await insert_offer(connection, slot.tenant, visit.id, slot.id, now, until)
    await postpone_slot(connection, slot.id, until)
    await record(connection, hold_for(slot, fit.start, end, until, now))
    await record(connection, offer_earlier(visit, now))


async def _let_wait(connection: Connection, slot: Appointment, public_at: datetime, now: datetime) -> None:
    if public_at <= now:
        await record(connection, let_go(slot, now))
        await delete_freed_slot(connection, slot.id)
        return
    await postpone_slot(connection, slot.id, None)
    if slot.expires_at != public_at:
        await record(connection, keep_until(slot, public_at, now))


async def _forget(connection: Connection, slot: Appointment, now: datetime) -> None:
    """It lapsed, or was taken."""
    await settle_offer(connection, slot.id, "lapsed", now)
    await delete_freed_slot(connection, slot.id)

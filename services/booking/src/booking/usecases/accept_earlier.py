"""The earlier time is taken: the visit moves into the slot that was held for it, in one transaction.

The slot's rows change hands as they are, so it is never free in between; the visit's former slot is freed, and may be
offered to the next one who waits.
"""

from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment
from booking.domain.catalogue import Catalogue
from booking.domain.change import NO_DEADLINES, NewSlot, is_unpaid, move, require_movable
from booking.domain.errors import Gone
from booking.domain.fees import fee_on
from booking.domain.slots import local_step, place_of
from booking.domain.statistics.facts import RECOVERED
from booking.domain.waitlist import let_go
from booking.store.appointments import list_items, lock_appointments, save_item_fees
from booking.store.earlier_offers import find_open_offer, settle_offer, was_taken
from booking.store.freed_slots import delete_freed_slot
from booking.store.masks import list_masks
from booking.store.release import hand_over, list_occupied, lock_masks, release_slot
from booking.store.statistics import insert_facts
from booking.store.waitlist import delete_entry
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Connection, Pool

_GONE: Final = "This earlier time is no longer held. Your appointment stays as it is."


async def accept_earlier(
    pool: Pool, catalogue: Catalogue, clock: Clock, access: Access, *, once: Once | None = None
) -> AppointmentView:
    """A second time changes nothing. Raises Gone (it was declined, or its time is over), TooLate, Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        offer = await find_open_offer(connection, access.tenant, access.appointment_id)
        held_id = [offer.held_id] if offer else []
        locked = await lock_appointments(connection, access.tenant, [access.appointment_id, *held_id])
        if not await is_repeat(connection, once):
            await _accept(connection, catalogue, access, locked, clock())
            await mark_done(connection, once)
        return await read_view(connection, access)


async def _accept(
    connection: Connection, catalogue: Catalogue, access: Access, locked: dict[UUID, Appointment], now: datetime
) -> None:
    """Now that both rows are ours, the offer is looked at again."""
    offer = await find_open_offer(connection, access.tenant, access.appointment_id)
    if offer is None or offer.expires_at <= now or offer.held_id not in locked:
        if await was_taken(connection, access.tenant, access.appointment_id):
            return
        raise Gone(_GONE)
    visit, slot = locked[access.appointment_id], locked[offer.held_id]
    require_movable(visit, now, NO_DEADLINES)
    await _move_into(connection, catalogue, visit, slot, now)
    await settle_offer(connection, slot.id, "taken", now)
    await delete_freed_slot(connection, slot.id)
    await delete_entry(connection, access.tenant, visit.id)


async def _move_into(
    connection: Connection, catalogue: Catalogue, visit: Appointment, slot: Appointment, now: datetime
) -> None:
    await _lock_masks(connection, visit, slot)
    await _require_open(connection, slot)
    await release_slot(connection, visit.id)
    await hand_over(connection, slot.id, visit.id)
    await record(connection, let_go(slot, now))
    fee_cents = await _requote(connection, catalogue, visit, slot.starts_at)
    place = NewSlot(slot.lane_id, visit.unit_id, slot.starts_at, slot.ends_at, fee_cents)
    moved = await record(connection, move(visit, place, now))
    await insert_facts(connection, moved, [RECOVERED])


async def _lock_masks(connection: Connection, visit: Appointment, slot: Appointment) -> None:
    zone = ZoneInfo(visit.time_zone)
    occupied = await list_occupied(connection, [visit.id, slot.id])
    await lock_masks(connection, {(part.lane_id, local_step(part.starts_at, zone)[0]) for part in occupied})


async def _require_open(connection: Connection, slot: Appointment) -> None:
    """The rules may have changed, or the clerk may be away, since the offer was made. Raises Gone."""
    for part in await list_occupied(connection, [slot.id]):
        place = place_of(part.starts_at, part.ends_at, ZoneInfo(part.time_zone))
        masks = await list_masks(connection, [part.lane_id], place.day, place.day)
        if place.bits & ~masks[part.lane_id, place.day].open:
            raise Gone(_GONE)


async def _requote(connection: Connection, catalogue: Catalogue, visit: Appointment, start: datetime) -> int | None:
    """What is due at the counter costs what the new day costs."""
    if not is_unpaid(visit):
        return visit.fee_cents
    day, _ = local_step(start, ZoneInfo(visit.time_zone))
    items = await list_items(connection, visit.tenant, visit.id)
    fees = [
        fee_on(day, catalogue.services[item.service_id].fees)
        if item.service_id in catalogue.services
        else item.fee_cents
        for item in items
    ]
    await save_item_fees(connection, visit.tenant, visit.id, fees)
    fixed = [fee * item.quantity for fee, item in zip(fees, items, strict=True) if fee is not None]
    return sum(fixed) if fixed else None

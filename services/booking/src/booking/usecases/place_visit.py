"""The slot of a visit that exists: what it has is given back, what it shall have is taken, in the caller's transaction.

Given back first, so a visit may move by a quarter of an hour into time that was its own. Whoever fails to get the new
slot rolls back and keeps the old one. For every move of a visit: its time, its services, its clerk.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment
from booking.domain.errors import Invalid
from booking.domain.lanes import Slot, choose_lanes
from booking.domain.slots import local_step
from booking.domain.times import occupied_place
from booking.domain.visit_plan import VisitPlan
from booking.store.lanes import list_candidates, take_lanes
from booking.store.release import Occupied, list_occupied, lock_masks, release_slot
from kit.sql import Connection


async def place_visit(
    connection: Connection, appointment: Appointment, plan: VisitPlan, start: datetime, *, internal: bool = False
) -> int:
    """Returns the lane of the clerk or counter: the one that has the visit, if it may serve it and is free then.

    Call it with the appointment's row locked. Raises Invalid outside the hours, SlotTaken.
    """
    occupied = await list_occupied(connection, [appointment.id])
    has = [appointment.lane_id, *(part.lane_id for part in occupied)]
    slot = Slot(plan.lane_groups, [*has, *plan.preferred], occupied_place(plan, start), internal)
    await _lock(connection, appointment, occupied, slot)
    await release_slot(connection, appointment.id)
    candidates = await list_candidates(connection, slot)
    if not all(any(candidate.is_open for candidate in group) for group in candidates):
        raise Invalid.field("start", "outside the opening hours")
    chosen = choose_lanes(candidates, slot.preferred)
    await take_lanes(connection, appointment.id, chosen, slot, start, start + timedelta(minutes=plan.occupied_min))
    return chosen[0]


async def _lock(connection: Connection, appointment: Appointment, occupied: list[Occupied], slot: Slot) -> None:
    """The old masks and all that the visit may move to, in the house's order."""
    zone = ZoneInfo(appointment.time_zone)
    old = {(part.lane_id, local_step(part.starts_at, zone)[0]) for part in occupied}
    await lock_masks(connection, old | {(lane_id, slot.place.day) for lane_id in slot.lane_ids})

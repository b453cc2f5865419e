"""The time that this browser has reserved already: said where times are chosen, and exchanged by choosing another."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from booking.domain.appointment import Appointment
from booking.domain.errors import Invalid, SlotTaken
from booking.domain.visit_plan import VisitPlan
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.find_own_hold import find_own_hold
from booking.usecases.reschedule_appointment import reschedule_appointment
from booking.usecases.view_appointment import Access
from booking.web.pages.choice import Choice
from booking.web.pages.visit import Visit, query


class OwnHold(NamedTuple):
    appointment: Appointment
    minutes_left: int
    go_on: str


async def own_hold(here: Visit, choice: Choice) -> OwnHold | None:
    wiring = here.wiring
    accesses = [access async for access in here.accesses()]
    found = await find_own_hold(wiring.pool, wiring.clock, accesses, choice.wanted)
    if found is None or found.expires_at is None:
        return None
    seconds_left = (found.expires_at - wiring.clock()).total_seconds()
    go_on = here.url(f"/termin/{found.id}/kontakt") + query(return_url=choice.return_url)
    return OwnHold(found, int(seconds_left // 60), go_on)


async def exchange(here: Visit, own: OwnHold, plans: Sequence[VisitPlan], start: datetime) -> bool:
    """With whom it is reserved, if they are among those that may serve it: what was typed stays. False where it is
    not possible with them.
    """
    held, wiring = own.appointment, here.wiring
    if not any(plan.location.id == held.location_id and held.lane_id in plan.lane_ids for plan in plans):
        return False
    if held.starts_at == start:
        return True
    catalogue = await wiring.catalogues.get(here.tenant)
    try:
        await reschedule_appointment(wiring.pool, catalogue, wiring.clock, Access(here.tenant, held.id), start)
    except (SlotTaken, Invalid):
        return False
    return True


async def give_up(here: Visit, own: OwnHold) -> None:
    """Another one was reserved in its place."""
    await cancel_appointment(here.wiring.pool, here.wiring.clock, Access(here.tenant, own.appointment.id))

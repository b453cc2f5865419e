"""How a visit that is booked can be served at another time: at its place, and by whom a responsibility rule names."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment
from booking.domain.catalogue import Catalogue
from booking.domain.named_clerks import plans_to_stay
from booking.domain.slots import local_step
from booking.domain.visit_plan import RequestedItem, VisitPlan, plan_visit
from booking.store.appointments import get_appointment, list_items
from booking.store.responsibility import list_open_days
from booking.usecases.view_appointment import Access
from kit.sql import Connection, Pool


async def list_plans(pool: Pool, catalogue: Catalogue, access: Access) -> list[VisitPlan]:
    """As it stands. Raises NotFound, and Invalid where its services are no longer offered."""
    async with pool.acquire() as connection:
        appointment = await get_appointment(connection, access.tenant, access.appointment_id)
        items = await list_items(connection, access.tenant, access.appointment_id)
    return plans_of(catalogue, appointment, [RequestedItem(item.service_id, item.quantity) for item in items])


def plans_of(catalogue: Catalogue, appointment: Appointment, items: Sequence[RequestedItem]) -> list[VisitPlan]:
    """Raises Invalid."""
    return plans_to_stay(catalogue, offered_there(catalogue, appointment, items), appointment.lane_id)


def offered_there(catalogue: Catalogue, appointment: Appointment, items: Sequence[RequestedItem]) -> list[VisitPlan]:
    """By the same unit, place and channel, whoever serves it. Raises Invalid."""
    return plan_visit(
        catalogue,
        items,
        location_id=appointment.location_id,
        channel=appointment.channel,
        unit_id=appointment.unit_id,
    )


async def choose_plan(connection: Connection, plans: Sequence[VisitPlan], start: datetime) -> VisitPlan:
    """Whoever stands in for a clerk does so on days on which that clerk is away."""
    for plan in plans:
        if not plan.stands_in_for:
            continue
        day, _ = local_step(start, ZoneInfo(plan.location.time_zone))
        if day not in await list_open_days(connection, plan.stands_in_for, day, day):
            return plan
    return plans[0]

"""Other times for a visit that does not fit where it is: of its own day first, then of the days after."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment
from booking.domain.slots import instant_of, local_step, set_steps
from booking.domain.times import startable
from booking.domain.visit_plan import VisitPlan
from booking.store.times import RunSearch, WantedRun, find_free_starts
from kit.sql import Connection

COUNT = 6
DAYS = 14


async def list_alternatives(
    connection: Connection, appointment: Appointment, plan: VisitPlan, now: datetime, *, internal: bool
) -> list[datetime]:
    """At most six, those nearest to the visit first. In a transaction that has given back its slot, that counts too."""
    zone = ZoneInfo(plan.location.time_zone)
    first_day, _ = local_step(max(appointment.starts_at, now), zone)
    search = RunSearch(
        tenants=[appointment.tenant],
        wanted=[WantedRun(plan.lane_groups, plan.occupied_steps)],
        first_day=first_day,
        last_day=first_day + timedelta(days=DAYS),
        now=now,
        internal=internal,
    )
    (by_day,) = (await find_free_starts(connection, search)).by_day
    may_start = startable(plan, now, any_time=internal)
    starts = [
        instant_of(day, step, zone).astimezone(zone)
        for day, bits in by_day.items()
        for step in set_steps(bits & may_start(day))
    ]
    return sorted(starts, key=lambda start: abs(start - appointment.starts_at))[:COUNT]

"""A deputy serves on days on which the clerk is away, which is: has no open time at all."""

from datetime import date

from booking.domain.visit_plan import VisitPlan
from booking.store.responsibility import list_open_days
from kit.sql import Pool


async def days_of_clerk(pool: Pool, plan: VisitPlan, first_day: date, last_day: date) -> frozenset[date]:
    """The days on which the plan does not serve, because the clerk whom it stands in for is there."""
    if not plan.stands_in_for:
        return frozenset()
    async with pool.acquire() as connection:
        return await list_open_days(connection, plan.stands_in_for, first_day, last_day)

"""Visits with a certain clerk, and absences, on the sample town."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from tests.booking.sample import PERSO, TENANT
from tests.booking.support.life import Life, at

from booking.domain.appointment import By
from booking.domain.contact import Contact
from booking.domain.errors import BookingError
from booking.usecases.begin_absence import AbsenceWish, begin_absence, plan_absence
from booking.usecases.hold_slot import Request, hold_slot
from booking.usecases.once import Once
from booking.usecases.replan import PlanView
from booking.usecases.view_appointment import Access
from kit.ids import uuid7

LEA = By("staff", "lea")
BY_PHONE = Contact(given_name="Otto", family_name="Sonnenschein", phone="02452 130")


class Office:
    def __init__(self, life: Life) -> None:
        self.life = life

    async def clerk(self, number: int) -> UUID:
        id_: UUID = await self.life.pool.fetchval("SELECT id FROM clerk WHERE display_name = $1", f"Clerk {number}")
        return id_

    async def hold(self, number: int, time: str = "08:00", day: str = "2026-11-25", quantity: int = 1) -> Access:
        """With a certain clerk."""
        lane_id = await self.life.pool.fetchval("SELECT id FROM lane WHERE clerk_id = $1", await self.clerk(number))
        catalogue = await self.life.catalogues.get(TENANT)
        plans = [msgspec.structs.replace(plan, lane_ids=(lane_id,)) for plan in await self.life.plans(PERSO, quantity)]
        held = await hold_slot(
            self.life.pool, catalogue, plans, Request(at(time, day), str(uuid7()), b""), self.life.clock()
        )
        return Access(TENANT, held.id)

    async def visit(self, number: int, time: str = "08:00", day: str = "2026-11-25", **more: Any) -> Access:
        access = await self.hold(number, time, day)
        await self.life.confirm(access, "counter", **more)
        return access

    async def is_free(self, number: int, time: str, day: str = "2026-11-25") -> bool:
        """Tried by holding it."""
        try:
            await self.hold(number, time, day)
        except BookingError:
            return False
        return True

    async def plan(self, number: int, since: str | None = "00:00", until: str = "23:55") -> PlanView:
        catalogue = await self.life.catalogues.get(TENANT)
        wish = await self._wish(number, since, until)
        return await plan_absence(self.life.pool, catalogue, self.life.clock, wish, LEA, for_others=True)

    async def away(
        self, number: int, since: str | None = "00:00", until: str = "23:55", plan: str | None = None, key: str = ""
    ) -> PlanView:
        """On Wednesday."""
        catalogue = await self.life.catalogues.get(TENANT)
        wish = await self._wish(number, since, until, plan)
        once = Once("absence", key or str(uuid7()), b"")
        return await begin_absence(self.life.pool, catalogue, self.life.clock, wish, LEA, once, for_others=True)

    async def _wish(self, number: int, since: str | None, until: str, plan: str | None = None) -> AbsenceWish:
        starts_at: datetime | None = at(since) if since else None
        return AbsenceWish(clerk_id=await self.clerk(number), starts_at=starts_at, ends_at=at(until), plan=plan)

    async def clerk_of(self, access: Access) -> str:
        return (await self.life.view(access)).clerk.display_name


def outcomes(plan: PlanView) -> list[str]:
    return [measure.outcome for measure in plan.measures]

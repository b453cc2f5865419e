"""A citizen's steps through the use cases, on the sample town, with payment's stand-in."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.booking.sample import PERSO, TENANT, service_id
from tests.booking.support.masks import check_masks
from tests.booking.support.payment_news import hear
from tests.booking.support.payment_stand_in import PaymentStandIn

from booking.clients.payment import PaymentClient
from booking.domain.appointment import LIVE, By
from booking.domain.contact import Contact
from booking.domain.visit_plan import RequestedItem, VisitPlan, plan_visit
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.change_items import CITIZEN, ItemChange, change_visit_items
from booking.usecases.confirm_appointment import Confirmation, confirm_appointment
from booking.usecases.find_times import find_times
from booking.usecases.go_to_checkout import Checkout
from booking.usecases.hold_slot import Request, hold_slot
from booking.usecases.once import Once
from booking.usecases.reschedule_appointment import reschedule_appointment
from booking.usecases.send_commands import send_commands
from booking.usecases.view_appointment import Access, AppointmentView, view_appointment
from contracts.payment import PaymentView
from kit.ids import uuid7
from kit.sql import Pool

if TYPE_CHECKING:
    from tests.booking.conftest import SetClock

WEDNESDAY = date(2026, 11, 25)
PUBLIC_URL = "https://termine.example"
ERIKA = Contact(given_name="Erika", family_name="Mustermann", email="erika.mustermann@example.org")


def at(time: str, day: str | date = WEDNESDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZoneInfo("Europe/Berlin"))


class Life:
    def __init__(self, pool: Pool, clock: "SetClock", payment: PaymentStandIn, client: PaymentClient) -> None:
        self.pool = pool
        self.clock = clock
        self.began = clock()
        self.payment = payment
        self.client = client
        self.checkout = Checkout(client=client, public_url=PUBLIC_URL, return_origins=("https://portal.example",))
        self.catalogues = CatalogueCache(pool, 0)

    async def plans(self, service: str = PERSO, quantity: int = 1) -> list[VisitPlan]:
        return plan_visit(await self.catalogues.get(TENANT), [RequestedItem(service_id(service), quantity)])

    async def free_times(self, service: str = PERSO, day: str | date = WEDNESDAY) -> tuple[str, ...]:
        plans = await self.plans(service)
        found = await find_times(self.pool, TENANT, plans, [at("00:00", day).date()], self.clock())
        return found.days[0].times

    async def hold(self, start: datetime | None = None, service: str = PERSO, quantity: int = 1) -> Access:
        catalogue = await self.catalogues.get(TENANT)
        plans = await self.plans(service, quantity)
        request = Request(start or at("08:00"), str(uuid7()), b"")
        held = await hold_slot(self.pool, catalogue, plans, request, self.clock())
        return Access(TENANT, held.id)

    async def confirm(self, access: Access, payment: Any = "online", **more: Any) -> AppointmentView:
        once = more.pop("once", None)
        request = Confirmation(**({"contact": ERIKA, "payment": payment} | more))
        return await confirm_appointment(self.pool, self.checkout, self.clock, access, request, once=once)

    async def booked(
        self, time: str = "08:00", day: str | date = WEDNESDAY, service: str = PERSO, quantity: int = 1
    ) -> Access:
        """A confirmed visit, to be paid at the counter."""
        access = await self.hold(at(time, day), service, quantity)
        await self.confirm(access, "counter")
        return access

    async def paid(self, time: str = "08:00", service: str = PERSO, quantity: int = 1) -> Access:
        """A confirmed visit, paid online."""
        access = await self.hold(at(time), service, quantity)
        await self.confirm(access)
        await self.pay(access)
        return access

    async def move(self, access: Access, time: str, day: str | date = WEDNESDAY) -> AppointmentView:
        catalogue = await self.catalogues.get(TENANT)
        return await reschedule_appointment(self.pool, catalogue, self.clock, access, at(time, day))

    async def change_items(
        self,
        access: Access,
        *items: tuple[str, int],
        start: datetime | None = None,
        by: By = CITIZEN,
        once: Once | None = None,
    ) -> AppointmentView:
        """To these services and quantities."""
        wanted = ItemChange(tuple(RequestedItem(service_id(name), quantity) for name, quantity in items), start)
        catalogue = await self.catalogues.get(TENANT)
        await change_visit_items(self.pool, catalogue, self.clock, access, wanted, by=by, once=once)
        return await self.view(access)

    async def view(self, access: Access) -> AppointmentView:
        return await view_appointment(self.pool, access)

    async def pay(self, access: Access) -> AppointmentView:
        """The citizen pays, payment tells, booking captures, payment tells again."""
        view = await self.view(access)
        assert view.payment.id is not None
        await self.hear(self.payment.change(view.payment.id, state="authorised"))
        await send_commands(self.pool, self.client, self.clock)
        await self.hear(self.payment.payments[view.payment.id])
        return await self.view(access)

    async def hear(self, payment: PaymentView) -> None:
        await hear(self.pool, self.clock, TENANT, payment)

    async def events(self, access: Access) -> list[str]:
        rows = await self.pool.fetch(
            "SELECT payload ->> 'type' AS type FROM outbox WHERE payload ->> 'appointment_id' = $1 ORDER BY position",
            str(access.appointment_id),
        )
        return [row["type"].removeprefix("appointment.") for row in rows]

    async def told(self, access: Access) -> list[str]:
        """What was told since the confirmation."""
        events = await self.events(access)
        return events[events.index("confirmed") + 1 :]

    async def citizens_entry(self, access: Access) -> tuple[UUID, int]:
        """The calendar entry's UID and SEQUENCE."""
        row = await self.pool.fetchrow(
            "SELECT citizen_uid, citizen_sequence FROM appointment WHERE id = $1", access.appointment_id
        )
        return row["citizen_uid"], row["citizen_sequence"]

    async def clerks_entries(self, access: Access) -> list[tuple[str, int, bool]]:
        """Each clerk's name, with the SEQUENCE of the entry and whether it stands."""
        rows = await self.pool.fetch(
            "SELECT c.display_name, g.sequence, g.live FROM assignment g JOIN clerk c ON c.id = g.clerk_id"
            " WHERE g.appointment_id = $1 ORDER BY g.id",
            access.appointment_id,
        )
        return [tuple(row) for row in rows]

    async def commands(self, access: Access) -> list[tuple[str, str | None]]:
        rows = await self.pool.fetch(
            "SELECT verb, outcome FROM payment_command WHERE appointment_id = $1 ORDER BY version, verb",
            access.appointment_id,
        )
        return [(row["verb"], row["outcome"]) for row in rows]

    async def check(self, lanes: int = 1) -> None:
        """Masks are rules − occupation; audit and versions are gapless; a dead appointment occupies nothing, a live one
        all of its `lanes`.
        """
        assert await check_masks(self.pool, TENANT, self.began) == []
        gaps = await self.pool.fetch(
            "SELECT a.id FROM appointment a JOIN audit_event e ON e.appointment_id = a.id"
            " GROUP BY a.id HAVING count(*) <> a.version OR max(e.version) <> a.version"
        )
        assert gaps == []
        wrong = await self.pool.fetch(
            "SELECT a.id, a.state FROM appointment a LEFT JOIN occupation o ON o.appointment_id = a.id GROUP BY a.id"
            " HAVING count(o.lane_id) <> $1 * (NOT a.overbooked AND a.state = ANY($2))::int",
            lanes,
            list(LIVE),
        )
        assert wrong == []

    def later(self, **amount: float) -> None:
        self.clock.now += timedelta(**amount)
        self.payment.now = self.clock.now

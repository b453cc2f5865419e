"""A citizen's steps through the use cases, on the sample town, with payment's stand-in."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
from tests.booking.sample import PERSO, TENANT, service_id
from tests.booking.support.payment_stand_in import PaymentStandIn

from booking.clients.payment import PaymentClient
from booking.domain.appointment import LIVE
from booking.domain.catalogue import RequestedItem, plan_visit
from booking.domain.contact import Contact
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.apply_payment import apply_payment_event
from booking.usecases.check_masks import check_masks
from booking.usecases.confirm_appointment import Confirmation, confirm_appointment
from booking.usecases.go_to_checkout import Checkout
from booking.usecases.hold_slot import Request, hold_slot
from booking.usecases.send_commands import send_commands
from booking.usecases.view_appointment import Access, AppointmentView, view_appointment
from contracts.payment import PaymentEvent, PaymentView
from kit.ids import uuid7
from kit.sql import Pool

if TYPE_CHECKING:
    from tests.booking.conftest import SetClock

PUBLIC_URL = "https://termine.example"
ERIKA = Contact(given_name="Erika", family_name="Mustermann", email="erika.mustermann@example.org")


def at(time: str, day: str = "2026-11-25") -> datetime:
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

    async def hold(self, start: datetime | None = None, service: str = PERSO, quantity: int = 1) -> Access:
        catalogue = await self.catalogues.get(TENANT)
        plans = plan_visit(catalogue, [RequestedItem(service_id(service), quantity)])
        request = Request(start or at("08:00"), str(uuid7()), b"")
        held = await hold_slot(self.pool, catalogue, plans, request, self.clock())
        return Access(TENANT, held.id)

    async def confirm(self, access: Access, payment: Any = "online", **more: Any) -> AppointmentView:
        once = more.pop("once", None)
        request = Confirmation(**({"contact": ERIKA, "payment": payment} | more))
        return await confirm_appointment(self.pool, self.checkout, self.clock, access, request, once=once)

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
        event = PaymentEvent(
            id=uuid7(),
            type="payment.paid",  # the state counts, not the name
            tenant=TENANT,
            payment_id=payment.id,
            version=payment.version,
            state=payment.state,
            reference=payment.reference,
            amount=payment.amount,
            refunded=payment.refunded,
            occurred_at=self.clock(),
        )
        async with self.pool.acquire() as connection, connection.transaction():
            await apply_payment_event(connection, self.clock, msgspec.json.encode(event))

    async def events(self, access: Access) -> list[str]:
        rows = await self.pool.fetch(
            "SELECT payload ->> 'type' AS type FROM outbox WHERE payload ->> 'appointment_id' = $1 ORDER BY position",
            str(access.appointment_id),
        )
        return [row["type"].removeprefix("appointment.") for row in rows]

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

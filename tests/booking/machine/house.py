"""What the state machine plays with: the real use cases over a real database, a town of its own for each story, and
payment's stand-in. Every operation may be refused; none may break an invariant.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from tests.booking import sample
from tests.booking.support.payment_news import hear
from tests.booking.support.payment_stand_in import KEY, PaymentStandIn

from booking.clients.payment import PaymentClient
from booking.domain.appointment import By
from booking.domain.contact import Contact
from booking.domain.errors import BookingError
from booking.domain.visit_plan import RequestedItem, plan_visit
from booking.domain.waitlist import Wishes
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.accept_earlier import accept_earlier
from booking.usecases.begin_payment import begin_payment
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.configure import configure
from booking.usecases.confirm_appointment import Confirmation, confirm_appointment
from booking.usecases.decline_earlier import decline_earlier
from booking.usecases.decline_rebooking import decline_rebooking_of
from booking.usecases.extend_hold import extend_hold
from booking.usecases.go_to_checkout import Checkout
from booking.usecases.hold_queue import HoldQueue
from booking.usecases.hold_slot import Request, hold_slot
from booking.usecases.join_waitlist import join_waitlist
from booking.usecases.rebook_appointment import rebook_appointment
from booking.usecases.rebuild_masks import rebuild_masks
from booking.usecases.reschedule_appointment import reschedule_appointment
from booking.usecases.view_appointment import Access
from kit.sql import Pool

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
CLERKS = 2
QUARTERS = 6
"""The town opens for so many quarters of an hour a day: few enough that everybody is in everybody's way."""
DAYS = 2
SERVICES = (sample.PERSO, sample.PASS, sample.MARRIAGE)


class Move(NamedTuple):
    """One operation, by numbers that Hypothesis can make smaller."""

    name: str
    whom: int
    when: int
    key: int


class Nobody(Exception):
    """There is nobody yet to whom it could happen."""


class Kept(NamedTuple):
    """What must never change of an appointment."""

    number: str
    citizen_uid: UUID


class AllKeys(dict[str, str]):
    """Every town has an API key at payment."""

    def get(self, _: str, __: object = None) -> str:  # whichever town asks
        return KEY


Operation: TypeAlias = Callable[["Town", Move], Awaitable[None]]


class Town:
    def __init__(self, slug: str, pool: Pool, payment: PaymentStandIn, client: PaymentClient) -> None:
        self.slug, self.pool, self.payment, self.client = slug, pool, payment, client
        self.now = MONDAY
        self.catalogues = CatalogueCache(pool, 0)
        self.queue = HoldQueue(pool)
        self.checkout = Checkout(client=client, public_url="https://termine.example")
        self.known: dict[UUID, Kept] = {}
        self.outcomes: Counter[str] = Counter()

    def clock(self) -> datetime:
        return self.now

    async def build(self) -> None:
        files = sample.files(clerks=CLERKS, slug=self.slug)
        hours = {name: dict.fromkeys(days, ("08:00-09:30",)) for name, days in files.offices.hours.items()}
        offices = tuple(
            msgspec.structs.replace(office, notice_min=0, window_days=DAYS) for office in files.offices.office
        )
        changed = msgspec.structs.replace(files.offices, hours=hours, office=offices)
        await configure(self.pool, files._replace(offices=changed), self.clock)

    async def wait(self, minutes: int) -> None:
        """The worker makes the masks of new days, and is late with all the rest."""
        self.now += timedelta(minutes=minutes)
        if not minutes:
            return
        async with self.pool.acquire() as connection, connection.transaction():
            await rebuild_masks(connection, self.slug, self.now)

    def start(self, when: int) -> datetime:
        """A quarter of an hour within the next days, mostly within the opening hours."""
        day, quarter = divmod(when, QUARTERS)
        local = self.now.astimezone(ZONE).replace(hour=8, minute=0, second=0, microsecond=0)
        return local + timedelta(days=day % (DAYS + 1), minutes=15 * quarter)

    def someone(self, move: Move) -> Access:
        """Raises Nobody."""
        ids = sorted(self.known)
        if not ids:
            raise Nobody
        return Access(self.slug, ids[move.whom % len(ids)])

    async def remember(self, appointment_id: UUID) -> None:
        row = await self.pool.fetchrow("SELECT number, citizen_uid FROM appointment WHERE id = $1", appointment_id)
        assert row is not None
        self.known.setdefault(appointment_id, Kept(row["number"], row["citizen_uid"]))

    async def play(self, operations: Mapping[str, Operation], moves: list[Move]) -> None:
        """All at the same time."""
        outcomes = await asyncio.gather(*(self._try(operations[move.name], move) for move in moves))
        self.outcomes.update(outcomes)

    async def _try(self, operation: Operation, move: Move) -> str:
        try:
            await operation(self, move)
        except BookingError as error:
            return f"{move.name}: {error.code}"
        except Nobody:
            return f"{move.name}: nobody"
        return f"{move.name}: done"

    # --- the citizen ---------------------------------------------------------------------------------------------

    async def hold(self, move: Move) -> None:
        catalogue = await self.catalogues.get(self.slug)
        service = sample.service_id(SERVICES[move.whom % len(SERVICES)], self.slug)
        plans = plan_visit(catalogue, [RequestedItem(service, 1 + move.key % 2 * (move.whom % 3 != 2))])
        request = Request(self.start(move.when), f"k{move.key}", msgspec.json.encode([move.whom % 3, move.when]))
        queue = self.queue if move.key % 3 else None
        held = await hold_slot(self.pool, catalogue, plans, request, self.now, queue)
        await self.remember(held.id)

    async def confirm(self, move: Move, wish: str = "counter") -> None:
        access = self.someone(move)
        erika = Contact(given_name="Erika", family_name="Muster", email="erika@example.org")
        request = msgspec.convert({"contact": msgspec.to_builtins(erika), "payment": wish}, Confirmation)
        await confirm_appointment(self.pool, self.checkout, self.clock, access, request)

    async def go_and_pay(self, move: Move) -> None:
        await self.confirm(move, "online")

    async def pay_again(self, move: Move) -> None:
        access = self.someone(move)
        wish = "online" if move.key % 2 else "counter"
        await begin_payment(self.pool, self.checkout, self.clock, access, wish)  # type: ignore[arg-type] # of two

    async def extend(self, move: Move) -> None:
        access = self.someone(move)
        await extend_hold(self.pool, self.clock, access)

    async def reschedule(self, move: Move) -> None:
        access = self.someone(move)
        catalogue = await self.catalogues.get(self.slug)
        await reschedule_appointment(self.pool, catalogue, self.clock, access, self.start(move.when))

    async def cancel(self, move: Move) -> None:
        access = self.someone(move)
        await cancel_appointment(self.pool, self.clock, access)

    async def wait_for_earlier(self, move: Move) -> None:
        access = self.someone(move)
        await join_waitlist(self.pool, self.clock, access, Wishes())

    async def take_earlier(self, move: Move) -> None:
        access = self.someone(move)
        await accept_earlier(self.pool, await self.catalogues.get(self.slug), self.clock, access)

    async def leave_earlier(self, move: Move) -> None:
        access = self.someone(move)
        await decline_earlier(self.pool, self.clock, access)

    async def rebook(self, move: Move) -> None:
        access = self.someone(move)
        catalogue = await self.catalogues.get(self.slug)
        await rebook_appointment(self.pool, catalogue, self.clock, access, self.start(move.when), By("citizen"))

    async def decline_rebooking(self, move: Move) -> None:
        access = self.someone(move)
        await decline_rebooking_of(self.pool, self.clock, access, By("citizen"))

    # --- payment -------------------------------------------------------------------------------------------------

    async def hear_of_payment(self, move: Move) -> None:
        """Any payment gets any next state that a provider could give it, and booking hears of it: late, or twice."""
        payments = [view for view in self.payment.payments.values() if UUID(view.reference) in self.known]
        if not payments:
            raise Nobody
        view = sorted(payments, key=lambda view: str(view.id))[move.whom % len(payments)]
        targets = NEXT_PAYMENT_STATES.get(view.state, ())
        if targets and move.key % 4:
            view = self.payment.change(view.id, state=targets[move.when % len(targets)])
        await hear(self.pool, self.clock, self.slug, view)


NEXT_PAYMENT_STATES = {
    "created": ("authorised", "expired", "cancelled", "pending"),
    "pending": ("authorised", "cancelled", "review"),
    "authorised": ("paid", "capture_failed", "cancelled"),
    "expired": ("authorised",),  # late
}
CITIZENS_MOVES: dict[str, Operation] = {
    "hold": Town.hold,
    "confirm": Town.confirm,
    "go_and_pay": Town.go_and_pay,
    "pay_again": Town.pay_again,
    "extend": Town.extend,
    "reschedule": Town.reschedule,
    "cancel": Town.cancel,
    "wait_for_earlier": Town.wait_for_earlier,
    "take_earlier": Town.take_earlier,
    "leave_earlier": Town.leave_earlier,
    "rebook": Town.rebook,
    "decline_rebooking": Town.decline_rebooking,
    "hear_of_payment": Town.hear_of_payment,
}

"""What the explorer looks at: a visit, its payments, the providers' own truth, what is under way between them, and the
clock. All of it is plain values, so that a world that was met before is known again; what is met often knows its hash.

Rows are the services' own Structs; what moves them are the services' own decisions. Only the glue of the use cases
(which row is written when) is told again here, in `payment_moves.py` and `booking_moves.py`.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from booking.domain.appointment import Appointment, Command
from booking.domain.settlement import PaymentNews
from payment.domain.attempt import Attempt, AttemptState, Call
from payment.domain.dispute import DisputeState
from payment.domain.payment import CaptureMode, Payment
from payment.domain.refund import RefundState
from payment.domain.settlement import Outcome

T = TypeVar("T")

FEE_CENTS = 3700
BEGIN = datetime(2027, 3, 1, 8, tzinfo=UTC)
STEP = timedelta(minutes=32)
"""Two of it: first the payment's time is up, then the reservation's."""

Truth = Literal[
    "none",  # no session was opened
    "open",
    "approved",  # PayPal: the citizen agreed, and no money is reserved
    "authorised",
    "paid",
    "over",  # closed, voided or lapsed: no money will come of it
]


class Session(NamedTuple):
    """What the provider holds to be true, of one attempt."""

    truth: Truth = "none"
    refunded_cents: int = 0
    cents: int = FEE_CENTS
    """Which the citizen agreed to there."""
    dispute: DisputeState | None = None

    @property
    def taken_cents(self) -> int:
        """Less what was given back; a lost dispute takes all of it."""
        return self.cents - self.refunded_cents if self.truth == "paid" else 0

    @property
    def kept_cents(self) -> int:
        return 0 if self.dispute == "lost" else self.taken_cents


class Asked(NamedTuple):
    """A provider has answered, and nobody has written it down yet; perhaps nobody will."""

    number: int
    state: AttemptState
    call: Call
    outcome: Outcome


class Sent(NamedTuple):
    """A call that is on its way to the provider, and may arrive late."""

    number: int
    state: AttemptState
    call: Call


class RefundRow(NamedTuple):
    number: int
    """Of the attempt."""
    cents: int
    state: RefundState


class DisputeRow(NamedTuple):
    """As far as we have heard."""

    number: int
    state: DisputeState


class Visit(Appointment, frozen=True, kw_only=True, cache_hash=True):
    pass


class PaymentRow(Payment, frozen=True, kw_only=True, cache_hash=True):
    pass


class AttemptRow(Attempt, frozen=True, kw_only=True, cache_hash=True):
    pass


class News(PaymentNews, frozen=True, kw_only=True, cache_hash=True):
    pass


class Order(msgspec.Struct, frozen=True, cache_hash=True):
    """A payment, with all that payment's database and the providers know of it."""

    payment: Payment
    attempts: tuple[Attempt, ...] = ()
    sessions: tuple[Session, ...] = ()
    refunds: tuple[RefundRow, ...] = ()
    disputes: tuple[DisputeRow, ...] = ()
    sent: Sent | None = None
    asked: Asked | None = None

    @property
    def kept_cents(self) -> int:
        """What the citizen is charged."""
        return sum(session.kept_cents for session in self.sessions)

    @property
    def taken_cents(self) -> int:
        """The same, with what the payer called back."""
        return sum(session.taken_cents for session in self.sessions)

    @property
    def by_hand_cents(self) -> int:
        """What the treasury gave back."""
        return sum(refund.cents for refund in self.refunds if refund.state == "transferred")

    def reserved_cents(self, number: int) -> int:
        """`store/refunds.sum_reserved`."""
        lost = any(dispute == DisputeRow(number, "lost") for dispute in self.disputes)
        reserved = [each.cents for each in self.refunds if each.number == number and each.state != "failed"]
        return sum(reserved) + (self.attempts[number].captured_cents if lost else 0)

    @property
    def is_with_a_person(self) -> bool:
        """The review queue has it, or the treasury, for a transfer by hand."""
        return self.payment.state == "review" or any(refund.state == "failed" for refund in self.refunds)


class Bounds(NamedTuple):
    """How much may happen at most, so that there is an end of it."""

    payments: int = 1
    attempts: int = 1
    """Of each payment."""
    ticks: int = 2
    delays: bool = False
    """Whether calls arrive late."""
    staff: bool = False
    """Whether people decide, and payers dispute."""


class World(msgspec.Struct, frozen=True, cache_hash=True):
    bounds: Bounds
    visit: Appointment | None
    """None: a portal's payment, without a visit."""
    orders: tuple[Order, ...] = ()
    commands: tuple[Command, ...] = ()
    """Booking's words to payment that are not answered yet."""
    news: frozenset[PaymentNews] = frozenset()
    """All that was ever told of the payments: it may arrive late, twice, in any order, or never."""
    is_slot_taken: bool = False
    tick: int = 0

    @property
    def now(self) -> datetime:
        return time_at(self.tick)


class Move(NamedTuple):
    name: str
    after: World


@cache
def time_at(tick: int) -> datetime:
    return BEGIN + tick * STEP


def with_order(world: World, index: int, order: Order) -> World:
    """What a payment's caller may hear of it grows with each version."""
    if order.asked and order.asked.state != order.attempts[order.asked.number].state:
        order = changed(order, asked=None)  # nobody would take notice of it any more
    if world.bounds.staff:
        order = changed(order, payment=changed(order.payment, version=1))  # decides nothing, and would count for ever
    orders = replace_at(world.orders, index, order)
    if world.visit is None:
        return changed(world, orders=orders)
    return changed(world, orders=orders, news=current_news(world.news | {news_of(order)}, world.visit, orders))


def current_news(news: frozenset[PaymentNews], visit: Appointment, orders: tuple[Order, ...]) -> frozenset[PaymentNews]:
    """What would change nothing, now and later, is forgotten: fewer worlds, and no path less."""
    attached = visit.payment_id or orders[-1].payment.id
    return _current(news, attached, visit.payment_version if visit.payment_id else 0)


@cache
def _current(news: frozenset[PaymentNews], attached: UUID, version: int) -> frozenset[PaymentNews]:
    return frozenset(
        each
        for each in news
        if each.state in ("authorised", "paid") or (each.payment_id == attached and each.version > version)
    )


@cache
def news_of(order: Order) -> PaymentNews:
    payment = order.payment
    return News(
        payment_id=payment.id,
        version=payment.version,
        state=payment.state,
        amount_cents=payment.amount_cents,
        refunded_cents=payment.refunded_cents,
    )


def replace_at(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    return (*values[:index], value, *values[index + 1 :])


def new_payment(number: int, capture: CaptureMode, now: datetime, lifetime: timedelta) -> Payment:
    return PaymentRow(
        id=UUID(int=number + 1),
        tenant="heinsberg",
        state="created",
        version=1,
        reference="",
        treasury_reference="K1",
        description="",
        amount_cents=FEE_CENTS,
        currency="EUR",
        capture=capture,
        language="de",
        return_url="",
        expires_at=now + lifetime,
        created_at=BEGIN,
    )


changed = msgspec.structs.replace

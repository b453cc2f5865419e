"""What figures say together: shares and means, the relief of the staff, the cost of a transaction. Pure.

A rate is made of shown figures alone; where one is hidden, there is none.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import msgspec

from booking.domain.statistics.figures import Key, Shown


class Rate(msgspec.Struct, frozen=True):
    period: str
    name: str
    value: float | None
    """Null: hidden, or nothing to make it of."""
    unit: Literal["share", "days"]


class Assumptions(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes of staff that one transaction would have taken without this software, and what a year of it costs."""

    booking_min: int = 6
    """To find and note a time on the telephone."""
    payment_min: int = 3
    """To take a fee at the counter and account for it."""
    change_min: int = 4
    """To move, change or cancel on the telephone."""
    yearly_cost_cents: int | None = None


class Relief(msgspec.Struct, frozen=True, kw_only=True):
    period: str
    minutes: int | None
    online_bookings: int | None
    online_payments: int | None
    own_changes: int | None
    """Moved, changed and cancelled by citizens themselves."""
    cost_cents_per_transaction: float | None


RELIEF_FORMULA = (
    "minutes = online_bookings × booking_min + online_payments × payment_min + own_changes × change_min;"
    " cost_cents_per_transaction = yearly_cost_cents ÷ (online_bookings + online_payments), of years alone"
)


class Part(NamedTuple):
    measure: str
    breakdown: str = ""
    category: str = ""
    of_amount: bool = False
    """The sum of days or minutes, not the count."""


class Formula(NamedTuple):
    over: tuple[Part, ...]
    under: tuple[Part, ...]
    words: str
    unit: Literal["share", "days"] = "share"


_COMPLETED, _MISSED = Part("completed"), Part("no_shows")
_BOOKINGS, _ONLINE = Part("bookings"), Part("bookings", "booked_via", "online")
_PAYMENTS, _PAID_ONLINE = Part("payments"), Part("payments", "method", "online")
_OWN_CHANGES = tuple(Part(measure, "by", "citizen") for measure in ("moves", "item_changes", "cancellations"))
FORMULAS: Mapping[str, Formula] = {
    "online_share": Formula((_ONLINE,), (_BOOKINGS,), "bookings made online ÷ bookings"),
    "online_payment_share": Formula((_PAID_ONLINE,), (_PAYMENTS,), "fees paid online ÷ fees paid"),
    "outside_hours_share": Formula(
        (Part("bookings", "opening_hours", "outside"),),
        (_BOOKINGS,),
        "bookings made while the office was closed ÷ bookings",
    ),
    "completion_rate": Formula(
        (_ONLINE,),
        (_ONLINE, Part("abandoned", "booked_via", "online")),
        "bookings made online ÷ (bookings made online + reservations made online that were abandoned)",
    ),
    "no_show_rate": Formula((_MISSED,), (_COMPLETED, _MISSED), "no-shows ÷ (completed + no-shows)"),
    "cancellation_rate": Formula((Part("cancellations"),), (_BOOKINGS,), "cancellations ÷ bookings"),
    "utilisation": Formula(
        (Part("visits", of_amount=True),), (Part("capacity", of_amount=True),), "minutes of visits ÷ minutes open"
    ),
    "wait_days_mean": Formula(
        (Part("wait", of_amount=True),),
        (Part("wait"),),
        "days until the next free time, mean of services and days",
        "days",
    ),
    "unavailable_share": Formula(
        (Part("unavailable"),),
        (Part("wait"), Part("unavailable")),
        "services and days without any free time ÷ services and days",
    ),
    "lead_days_mean": Formula(
        (Part("bookings", of_amount=True),), (_BOOKINGS,), "days from booking to visit, mean", "days"
    ),
}


def rates_of(shown: Shown, period: str) -> list[Rate]:
    value = _reader(shown, period)
    found = []
    for name, formula in FORMULAS.items():
        over, under = _sum(value, formula.over), _sum(value, formula.under)
        rate = round(over / under, 4) if over is not None and under else None
        found.append(Rate(period, name, rate, formula.unit))
    return found


def relief_of(shown: Shown, period: str, assumed: Assumptions) -> Relief:
    value = _reader(shown, period)
    bookings, payments, changes = value(_ONLINE), value(_PAID_ONLINE), _sum(value, _OWN_CHANGES)
    parts = ((bookings, assumed.booking_min), (payments, assumed.payment_min), (changes, assumed.change_min))
    known = [count * minutes for count, minutes in parts if count is not None]
    return Relief(
        period=period,
        minutes=sum(known) if len(known) == len(parts) else None,
        online_bookings=bookings,
        online_payments=payments,
        own_changes=changes,
        cost_cents_per_transaction=_cost(period, _sum(value, (_ONLINE, _PAID_ONLINE)), assumed),
    )


def _cost(period: str, transactions: int | None, assumed: Assumptions) -> float | None:
    """Of a year: of a part of it, nobody said what it costs."""
    if assumed.yearly_cost_cents is None or not transactions or len(period) != len("2026"):
        return None
    return round(assumed.yearly_cost_cents / transactions, 2)


Reader = Callable[[Part], int | None]


def _reader(shown: Shown, period: str) -> Reader:
    def value(part: Part) -> int | None:
        key = Key(period, part.measure, part.breakdown, part.category)
        if key in shown.hidden:
            return None
        figure = shown.figures.get(key)
        if figure is None:
            return 0
        return figure.amount if part.of_amount else figure.count

    return value


def _sum(value: Reader, parts: tuple[Part, ...]) -> int | None:
    found = [number for part in parts if (number := value(part)) is not None]
    return sum(found) if len(found) == len(parts) else None

"""Fees are dated: a visit costs what is valid on its day."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

FeeKind = Literal["fixed", "none", "on_request"]
PaymentPolicy = Literal["none", "online_required", "online_optional", "counter", "after_decision"]

_STRICTEST_FIRST: tuple[PaymentPolicy, ...] = (
    "after_decision",  # nobody pays before the decision, whatever else the visit holds
    "online_required",
    "online_optional",
    "counter",
    "none",
)


class Fee(msgspec.Struct, frozen=True):
    amount_cents: int
    valid_from: date | None
    """First day; null: since ever."""
    valid_until: date | None
    """The first day on which it no longer holds; null: until further notice."""

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


class Charge(msgspec.Struct, frozen=True):
    """What one item costs, of one piece; `cents` is null unless fixed."""

    kind: FeeKind
    cents: int | None
    policy: PaymentPolicy
    quantity: int


class VisitFee(msgspec.Struct, frozen=True):
    kind: FeeKind
    cents: int | None
    policy: PaymentPolicy


def fee_on(day: date, fees: Sequence[Fee]) -> int | None:
    return next((fee.amount_cents for fee in fees if fee.holds_on(day)), None)


def fee_of_visit(charges: Sequence[Charge]) -> VisitFee:
    """The sum of what is fixed. A part on request is paid at the counter and stands in no sum."""
    fixed = [charge.cents * charge.quantity for charge in charges if charge.cents is not None]
    policies = {charge.policy for charge in charges}
    policy = next(policy for policy in _STRICTEST_FIRST if policy in policies)
    if fixed:
        return VisitFee("fixed", sum(fixed), policy)
    is_open = any(charge.kind != "none" for charge in charges)
    return VisitFee("on_request" if is_open else "none", None, policy)

"""Money as every message of the house writes it: integer cents and an ISO 4217 currency."""

from typing import Annotated

import msgspec

Cents = Annotated[int, msgspec.Meta(ge=-99_999_999_00, le=99_999_999_00)]


class Money(msgspec.Struct, frozen=True):
    amount_cents: Cents
    currency: str = "EUR"

"""Bodies as the API takes them: strict, unlike the contracts' readers. A test holds them equal to the contracts."""

from typing import Annotated, Literal

import msgspec

from contracts.payment import NewPayment, NewRefund, PaymentEventType


class ItemRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    description: str
    quantity: int
    amount_cents: int
    accounting: dict[str, str] = {}


class PaymentRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reference: str
    description: str
    items: list[ItemRequest]
    return_url: str
    currency: str = "EUR"
    capture: Literal["automatic", "manual"] = "automatic"
    language: Literal["de", "en"] = "de"
    expires_in_s: int | None = None

    def to_order(self) -> NewPayment:
        return msgspec.convert(self, NewPayment, from_attributes=True)


class RefundRequest(NewRefund, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class EndpointRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str
    events: Annotated[list[PaymentEventType], msgspec.Meta(min_length=1, max_length=20)]

"""The part of PayPal's request bodies that the sandbox understands; more is read over, as PayPal does."""

from typing import Annotated, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(max_length=127)]


class Amount(msgspec.Struct, frozen=True):
    currency_code: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    value: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,7}(\.[0-9]{2})?$")]


class Unit(msgspec.Struct, frozen=True):
    amount: Amount
    reference_id: Annotated[str, msgspec.Meta(max_length=256)] = "default"
    custom_id: Text = ""
    invoice_id: Text = ""
    description: Text = ""


class Experience(msgspec.Struct, frozen=True):
    return_url: str
    cancel_url: str
    locale: str = "de-DE"


class Wallet(msgspec.Struct, frozen=True):
    experience_context: Experience


class Source(msgspec.Struct, frozen=True):
    paypal: Wallet


class NewOrder(msgspec.Struct, frozen=True):
    intent: Literal["AUTHORIZE", "CAPTURE"]
    purchase_units: Annotated[list[Unit], msgspec.Meta(min_length=1, max_length=1)]
    payment_source: Source


class CaptureAuthorization(msgspec.Struct, frozen=True):
    amount: Amount | None = None
    final_capture: bool = False


class NewRefund(msgspec.Struct, frozen=True):
    amount: Amount | None = None
    custom_id: Text = ""
    invoice_id: Text = ""


class Nothing(msgspec.Struct, frozen=True):
    pass

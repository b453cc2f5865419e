"""The part of Stripe's parameters that the sandbox understands; another one is refused, as Stripe refuses unknown ones.

Names and optionality after the `stripe` package's TypedDicts (`SessionCreateParams` and so on).
"""

import re
from typing import Annotated, Literal, TypeVar

import msgspec

from demo.sandbox.form import Contradiction, decode_form

T = TypeVar("T")
Digits = Annotated[str, msgspec.Meta(pattern="^[1-9][0-9]{0,11}$")]  # a form has text alone: "46.00" is no 46
Cents = Annotated[str, msgspec.Meta(pattern="^[1-9][0-9]{0,7}$")]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    expand: list[str] = []


class ProductData(_Strict, frozen=True):
    name: str


class PriceData(_Strict, frozen=True):
    currency: Annotated[str, msgspec.Meta(pattern="^[a-z]{3}$")]
    unit_amount: Cents
    product_data: ProductData


class LineItem(_Strict, frozen=True):
    price_data: PriceData
    quantity: Digits = "1"


class IntentData(_Strict, frozen=True):
    capture_method: Literal["automatic", "automatic_async", "manual"] = "automatic_async"
    description: str = ""
    metadata: dict[str, str] = {}


class NewSession(_Strict, frozen=True):
    mode: Literal["payment"]
    line_items: Annotated[list[LineItem], msgspec.Meta(min_length=1)]
    success_url: str
    cancel_url: str = ""
    ui_mode: Literal["hosted_page"] = "hosted_page"
    allowed_payment_method_types: tuple[Literal["card"], ...] = ("card",)
    client_reference_id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    expires_at: Digits | None = None
    locale: str = "auto"
    metadata: dict[str, str] = {}
    payment_intent_data: IntentData = IntentData()


class CaptureIntent(_Strict, frozen=True):
    amount_to_capture: Cents | None = None


class CancelIntent(_Strict, frozen=True):
    cancellation_reason: Literal["duplicate", "fraudulent", "requested_by_customer", "abandoned"] | None = None


class NewRefund(_Strict, frozen=True):
    payment_intent: str
    amount: Cents | None = None
    metadata: dict[str, str] = {}
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None


class Nothing(_Strict, frozen=True):
    pass


class ListRefunds(_Strict, frozen=True):
    payment_intent: str
    limit: Annotated[str, msgspec.Meta(pattern="^([1-9][0-9]?|100)$")] = "10"


class ListDisputes(_Strict, frozen=True):
    payment_intent: str
    limit: Annotated[str, msgspec.Meta(pattern="^([1-9][0-9]?|100)$")] = "10"


class ListEvents(_Strict, frozen=True):
    limit: Annotated[str, msgspec.Meta(pattern="^([1-9][0-9]?|100)$")] = "10"


class Span(_Strict, frozen=True):
    gte: Digits | None = None
    lt: Digits | None = None


class Page(_Strict, frozen=True):
    created: Span = Span()
    starting_after: str = ""
    limit: Annotated[str, msgspec.Meta(pattern="^([1-9][0-9]?|100)$")] = "10"


class ListMovements(Page, frozen=True):
    payout: str = ""


class ListPayouts(Page, frozen=True):
    pass


class Malformed(Exception):
    def __init__(self, code: str, message: str, param: str) -> None:
        super().__init__(message)
        self.code, self.message, self.param = code, message, param


def read(content: str, type_: type[T]) -> T:
    """Raises Malformed, with Stripe's codes."""
    try:
        return msgspec.convert(decode_form(content), type_)
    except Contradiction as error:
        raise Malformed("parameter_invalid", f"Contradicting values for {error}", str(error)) from None
    except msgspec.ValidationError as error:
        raise _malformed(str(error)) from None


def _malformed(message: str) -> Malformed:
    place = re.search(r"at `\$\.?([^`]*)`", message)
    name = re.search(r"(?:unknown|required) field `([^`]+)`", message)
    path = [part for part in [place.group(1) if place else "", name.group(1) if name else ""] if part]
    first, *rest = ".".join(path).replace("[", ".").replace("]", "").split(".")
    param = first + "".join(f"[{part}]" for part in rest)
    if "unknown field" in message:
        return Malformed("parameter_unknown", f"Received unknown parameter: {param}", param)
    if "required field" in message:
        return Malformed("parameter_missing", f"Missing required param: {param}.", param)
    return Malformed("parameter_invalid", f"Invalid value for {param}: {message}", param)

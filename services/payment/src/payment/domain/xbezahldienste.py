"""XBezahldienste 1.0.0: the standard's messages, as our facade takes and gives them and as our gateway sends and reads.

Amounts are decimals there and cents here; between the two nothing is ever rounded.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from payment.domain.order import ACCOUNTING_LIMITS, is_accounting

AMOUNT_MAX = Decimal(999_999)
QUANTITY_MAX = 999_999
CENT = Decimal("0.01")
TIMESTAMP = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"

ID_PATTERN = r"^[A-Za-z0-9_-]{1,36}$(?!\n)"
"""Python's `$` lets a line break pass."""
Id = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]
Text250 = Annotated[str, msgspec.Meta(max_length=250, pattern=r"^[^\x00]*$")]
Status = Literal["INITIAL", "PAYED", "FAILED", "CANCELED"]
PaymentMethod = Literal["GIROPAY", "PAYDIRECT", "CREDITCARD", "PAYPAL", "OTHER"]


class _Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A member that is null is as good as absent."""


class Address(_Request, frozen=True, kw_only=True, rename="camel"):
    street: Text250 | None = None
    house_number: Text250 | None = None
    address_line: list[Text250] | Text250 | None = None
    postal_code: Text250 | None = None
    city: Text250 | None = None
    country: Text250 | None = None


class Requestor(_Request, frozen=True, kw_only=True, rename="camel"):
    name: Text250 | None = None
    first_name: Text250 | None = None
    gender: Literal["M", "F", "D"] | None = None
    is_organization: bool | None = None
    organization_name: Text250 | None = None
    address: Address | None = None


class TransactionItem(_Request, frozen=True, kw_only=True, rename="camel"):
    id: Id
    reference: Annotated[str, msgspec.Meta(max_length=36, pattern=r"^[^\x00]*$")] | None = None
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=250, pattern=r"^[^\x00]*$")]
    tax_rate: Decimal | None = None
    quantity: Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)] = 1
    total_net_amount: Decimal
    total_tax_amount: Decimal
    single_net_amount: Decimal | None = None
    single_tax_amount: Decimal | None = None
    booking_data: dict[str, str] | None = None

    @property
    def total(self) -> Decimal:
        return self.total_net_amount + self.total_tax_amount

    @property
    def single(self) -> Decimal | None:
        if self.single_net_amount is None:
            return None
        return self.single_net_amount + (self.single_tax_amount or Decimal(0))


class TransactionRequest(_Request, frozen=True, kw_only=True, rename="camel"):
    request_id: Id
    request_timestamp: Annotated[str, msgspec.Meta(pattern=TIMESTAMP)]
    currency: Literal["EUR"]
    gros_amount: Decimal
    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=27, pattern=r"^[^\x00]*$")]
    description: Text250 | None = None
    redirect_url: Annotated[str, msgspec.Meta(min_length=1, max_length=2082, pattern=r"^[^\x00]*$")]
    items: Annotated[list[TransactionItem], msgspec.Meta(min_length=1, max_length=99)]
    requestor: Requestor | None = None


class PaymentInformation(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    transaction_url: str
    transaction_redirect_url: str | None = None
    """While INITIAL."""
    transaction_id: str
    transaction_reference: str | None = None
    """Kassenzeichen."""
    transaction_timestamp: str | None = None
    """When it was paid."""
    payment_method: PaymentMethod | None = None
    payment_method_detail: str | None = None
    status: Status
    status_detail: str | None = None


class PaymentTransaction(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    payment_information: PaymentInformation
    payment_request: TransactionRequest


class NotWholeCents(ValueError):
    """An amount is no number of whole cents within the standard's limits."""


def to_cents(amount: Decimal) -> int:
    """Raises NotWholeCents: also for NaN, for negative amounts and for fractions of a cent, however small."""
    if not amount.is_finite() or not 0 <= amount <= AMOUNT_MAX:
        raise NotWholeCents(f"between 0 and {AMOUNT_MAX}")
    whole = amount.quantize(CENT)
    if whole != amount:
        raise NotWholeCents("at most two decimals")
    return int(whole * 100)


def to_amount(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def to_timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def from_timestamp(text: str) -> datetime:
    """Raises ValueError."""
    if not re.match(TIMESTAMP, text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def find_faults(request: TransactionRequest) -> Iterator[tuple[str, str]]:
    """What the types do not say: each wrong field, by the standard's name."""
    try:
        from_timestamp(request.request_timestamp)
    except ValueError:
        yield "requestTimestamp", "is no moment"
    for field, amount in _whole_amounts(request):
        try:
            to_cents(amount)
        except NotWholeCents as error:
            yield field, str(error)
    for place, item in enumerate(request.items):
        for name, value, limit in _other_decimals(item):
            if value is not None and not (value.is_finite() and 0 <= value <= limit):
                yield f"items[{place}].{name}", f"between 0 and {limit}"
        if not is_accounting(item.booking_data or {}):
            yield f"items[{place}].bookingData", ACCOUNTING_LIMITS


def _whole_amounts(request: TransactionRequest) -> Iterator[tuple[str, Decimal]]:
    yield "grosAmount", request.gros_amount
    for place, item in enumerate(request.items):
        yield f"items[{place}].totalNetAmount", item.total_net_amount
        yield f"items[{place}].totalTaxAmount", item.total_tax_amount


def _other_decimals(item: TransactionItem) -> Iterator[tuple[str, Decimal | None, Decimal]]:
    """The price of one may have fractions of a cent."""
    yield "singleNetAmount", item.single_net_amount, AMOUNT_MAX
    yield "singleTaxAmount", item.single_tax_amount, AMOUNT_MAX
    yield "taxRate", item.tax_rate, Decimal(100)

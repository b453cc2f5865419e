"""A day's export: one line an item, in the treasury's words, with sums that hold to the cent."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec

from contracts.payment import PURPOSE

PURPOSE_LENGTH_MAX = 140
"""As SEPA's remittance information has it. (XBezahldienste's `purpose` is another field, and shorter.)"""
ACCOUNTING = ("Haushaltsstelle", "Kostenträger", "Objektnummer")
_COLUMNS = (*ACCOUNTING, PURPOSE)
HEADER = (
    "Buchung",
    "Position",
    "Kassenzeichen",
    "Datum",
    "Art",
    "Betrag",
    "Gebühr",
    "Netto",
    *ACCOUNTING,
    "Weitere Angaben",
    "Verwendungszweck",
    "Zahlungsweg",
    "Referenz",
    "Auszahlung",
)
PostingKind = Literal["capture", "refund", "refund_reversal", "fee", "manual_transfer", "chargeback"]
WORDS: dict[PostingKind, str] = {
    "capture": "Einzahlung",
    "refund": "Erstattung",
    "refund_reversal": "Rücklauf einer Erstattung",
    "fee": "Gebühr",
    "manual_transfer": "Erstattung von Hand",
    "chargeback": "Rückbelastung",
}


class PostedItem(msgspec.Struct, frozen=True):
    description: str
    cents: int
    accounting: dict[str, str]


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger with what the provider kept of it."""

    number: int
    kind: PostingKind
    amount_cents: int
    fee_cents: int
    booked_on: date
    treasury_reference: str
    provider: str
    provider_reference: str
    payout_id: str
    parts: list[PostedItem]
    """The payment's items."""


class Sum(msgspec.Struct, frozen=True):
    count: int = 0
    cents: int = 0

    def plus(self, cents: int) -> "Sum":
        return Sum(self.count + 1, self.cents + cents)


class Totals(msgspec.Struct, frozen=True):
    """Credits and debits as a bank sums up a statement: by what was booked, before fees."""

    credits: Sum = Sum()
    debits: Sum = Sum()
    fee_cents: int = 0
    net_cents: int = 0
    by_kind: dict[str, Sum] = {}

    def plus(self, posting: Posting) -> "Totals":
        gross_cents = gross_of(posting)
        kind = self.by_kind.get(posting.kind, Sum()).plus(posting.amount_cents)
        return Totals(
            credits=self.credits.plus(gross_cents) if gross_cents > 0 else self.credits,
            debits=self.debits.plus(gross_cents) if gross_cents < 0 else self.debits,
            fee_cents=self.fee_cents + fee_of(posting),
            net_cents=self.net_cents + gross_cents - fee_of(posting),
            by_kind=self.by_kind | {posting.kind: kind},
        )


class DayClose(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    day: date
    first_number: int
    last_number: int
    """Of the ledger."""
    ledger_hash: bytes
    lines: int
    """Of the export as it is stored, its header included."""
    totals: Totals
    accepted_exceptions: int
    export_hash: bytes
    closed_by: str
    closed_at: datetime


def gross_of(posting: Posting) -> int:
    """A fee that stands alone is no income that was lessened."""
    return 0 if posting.kind == "fee" else posting.amount_cents


def fee_of(posting: Posting) -> int:
    return -posting.amount_cents if posting.kind == "fee" else posting.fee_cents


def rows_of(posting: Posting) -> Iterator[Sequence[object]]:
    """The amount and the fee are shared among the items by their prices; the parts sum up to the whole."""
    items = posting.parts or [PostedItem(WORDS[posting.kind], 1, {})]
    weights = [item.cents for item in items]
    gross, fees = share(gross_of(posting), weights), share(fee_of(posting), weights)
    for place, (item, gross_cents, fee_cents) in enumerate(zip(items, gross, fees, strict=True), 1):
        others = ", ".join(f"{key}={value}" for key, value in item.accounting.items() if key not in _COLUMNS)
        yield (
            posting.number,
            place,
            posting.treasury_reference,
            posting.booked_on.isoformat(),
            WORDS[posting.kind],
            _euros(gross_cents),
            _euros(fee_cents),
            _euros(gross_cents - fee_cents),
            *(item.accounting.get(key, "") for key in ACCOUNTING),
            others,
            item.accounting.get(PURPOSE, item.description)[:PURPOSE_LENGTH_MAX],
            posting.provider,
            posting.provider_reference,
            posting.payout_id,
        )


def share(cents: int, weights: Sequence[int]) -> list[int]:
    """By the largest remainder; to equal parts where nothing weighs anything."""
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    sign, size = (-1 if cents < 0 else 1), abs(cents)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(size * weights[place] % whole), place))
    for place in by_remainder[: size - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]


def _euros(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)

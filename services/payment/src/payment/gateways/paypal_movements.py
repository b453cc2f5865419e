"""PayPal's transaction report: at most 31 days and 10,000 transactions a question, in pages, up to 3 hours late.

A withdrawal to the bank is a transaction like any other; PayPal does not say which payments it consists of.
"""

from datetime import datetime, timedelta

import msgspec

from contracts.money import Money
from payment.domain.movement import Movement, MovementKind, Payout
from payment.gateways.gateway import Movements
from payment.gateways.paypal_answers import Amount, to_money
from payment.gateways.paypal_client import PayPalClient, PayPalRefused

REPORT = "/v1/reporting/transactions"
SPAN_MAX = timedelta(days=31)
PAGE_SIZE = 500

_KINDS: tuple[tuple[str, MovementKind], ...] = (
    ("T00", "payment"),
    ("T01", "fee"),
    ("T04", "payout"),  # withdrawals
    ("T1107", "refund"),
    ("T11", "dispute"),  # reversals, and what undoes them
    ("T12", "dispute"),  # chargebacks
)
"""By the event code's beginning; what is not here is `other`."""


class _Info(msgspec.Struct, frozen=True):
    transaction_id: str
    transaction_event_code: str
    transaction_amount: Amount
    transaction_initiation_date: datetime
    transaction_status: str = "S"
    fee_amount: Amount | None = None
    invoice_id: str = ""
    paypal_reference_id: str = ""


class _Detail(msgspec.Struct, frozen=True):
    transaction_info: _Info


class _Report(msgspec.Struct, frozen=True):
    transaction_details: tuple[_Detail, ...] = ()
    total_pages: int = 1
    last_refreshed_datetime: datetime | None = None


async def read_report(client: PayPalClient, since: datetime, until: datetime) -> Movements:
    infos: list[_Info] = []
    complete_until = until
    while since < until:
        end = min(since + SPAN_MAX, until)
        found, refreshed_at = await _read_span(client, since, end)
        infos += found
        complete_until = min(complete_until, refreshed_at or until)
        since = end
    settled = {info.transaction_id: info for info in infos if info.transaction_status in ("S", "V")}.values()
    payouts = (_payout(info) for info in settled if _kind(info) == "payout")
    return Movements(tuple(map(_movement, settled)), tuple(payouts), complete_until)


async def _read_span(client: PayPalClient, since: datetime, until: datetime) -> tuple[list[_Info], datetime | None]:
    """Halves the span where PayPal says that it holds too many."""
    try:
        return await _read_pages(client, since, until)
    except PayPalRefused as refused:
        if refused.code != "RESULTSET_TOO_LARGE" or until - since < timedelta(minutes=2):
            raise
    middle = since + (until - since) / 2
    first, first_refreshed_at = await _read_span(client, since, middle)
    second, second_refreshed_at = await _read_span(client, middle, until)
    return first + second, min(filter(None, (first_refreshed_at, second_refreshed_at)), default=None)


async def _read_pages(client: PayPalClient, since: datetime, until: datetime) -> tuple[list[_Info], datetime | None]:
    infos: list[_Info] = []
    page, report = 0, _Report()
    while page < max(report.total_pages, 1):
        page += 1
        report = await client.get(REPORT, _Report, _query(since, until, page))
        infos += [detail.transaction_info for detail in report.transaction_details]
    return infos, report.last_refreshed_datetime


def _query(since: datetime, until: datetime, page: int) -> dict[str, str]:
    return {
        "start_date": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        "end_date": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        "fields": "transaction_info",
        "balance_affecting_records_only": "Y",
        "page_size": str(PAGE_SIZE),
        "page": str(page),
    }


def _kind(info: _Info) -> MovementKind:
    code = info.transaction_event_code
    return next((kind for beginning, kind in _KINDS if code.startswith(beginning)), "other")


def _movement(info: _Info) -> Movement:
    kind = _kind(info)
    fee = to_money(info.fee_amount).amount_cents if info.fee_amount else 0
    return Movement(
        id=info.transaction_id,
        kind=kind,
        amount=to_money(info.transaction_amount),
        fee_cents=-fee,
        source_id=_source_id(info, kind),
        reference=info.invoice_id,
        occurred_at=info.transaction_initiation_date,
    )


def _source_id(info: _Info, kind: MovementKind) -> str:
    """A fee for a dispute names the payment that was disputed; others are about themselves."""
    if kind == "dispute":
        return info.paypal_reference_id
    return (info.paypal_reference_id if kind == "fee" else "") or info.transaction_id


def _payout(info: _Info) -> Payout:
    taken = to_money(info.transaction_amount)
    return Payout(
        id=info.transaction_id,
        amount=Money(-taken.amount_cents, taken.currency),
        status="paid",
        arrives_on=info.transaction_initiation_date.date(),
        names_movements=False,
    )

"""The report as lines of a table, in words for the people who read it."""

from collections.abc import Iterator

import msgspec

from booking.usecases.read_statistics import FigureView, Report
from kit.tables import to_csv
from kit.web.language import Language

HIDDEN = "*"


class Row(msgspec.Struct, frozen=True):
    period: str
    measure: str
    breakdown: str = ""
    category: str = ""
    words: str = ""
    count: int | str | None = None
    amount: float | None = None
    unit: str = ""


def table_of(report: Report, t: Language) -> str:
    """The catalogue, the counts, and what they say together."""
    rows = [*_services(report, t), *_counts(report, t), *_rates(report, t), *_relief(report, t)]
    return to_csv(Row.__struct_fields__, map(msgspec.structs.astuple, rows))


def _services(report: Report, t: Language) -> Iterator[Row]:
    words = t("statistics.measure.services")
    for category, count in msgspec.structs.asdict(report.services).items():
        in_words = f"{words}: {t(f'statistics.category.{category}')}"
        yield Row("today", "services", "", category, in_words, count)


def _counts(report: Report, t: Language) -> Iterator[Row]:
    for item in report.items:
        count = HIDDEN if item.count is None else item.count
        words = _words(item, t)
        yield Row(item.period, item.measure, item.breakdown, item.category, words, count, item.amount, item.unit)


def _words(item: FigureView, t: Language) -> str:
    """Services and locations have names; an hour is its own word."""
    measure = t(f"statistics.measure.{item.measure}")
    if not item.breakdown:
        return measure
    key = f"statistics.category.{item.category}"
    category = t(key) if t.has(key) else item.name
    return f"{measure}, {t(f'statistics.breakdown.{item.breakdown}')}: {category}"


def _rates(report: Report, t: Language) -> Iterator[Row]:
    for rate in report.rates:
        words = t(f"statistics.rate.{rate.name}")
        yield Row(rate.period, rate.name, words=words, amount=rate.value, unit=rate.unit)


def _relief(report: Report, t: Language) -> Iterator[Row]:
    for relief in report.relief:
        yield Row(relief.period, "relief", words=t("statistics.rate.relief"), amount=relief.minutes, unit="minutes")
        if relief.cost_cents_per_transaction is not None:
            words = t("statistics.rate.cost_per_transaction")
            cents = relief.cost_cents_per_transaction
            yield Row(relief.period, "cost_per_transaction", words=words, amount=cents, unit="cents")

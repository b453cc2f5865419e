"""How days, times and sums are written in a language, given its words."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from contracts.money import Money


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    weekdays: tuple[str, ...]
    weekdays_short: tuple[str, ...]
    months: tuple[str, ...]
    months_short: tuple[str, ...]
    day_long: str
    day_short: str
    time: str
    decimal: str
    money: str
    EUR: str
    calendar_summary: str
    calendar_summary_clerk: str
    calendar_description: str
    calendar_by_phone: str
    calendar_by_video: str
    room: str
    phone: str


def day_long(words: Words, instant: datetime, time_zone: str) -> str:
    return _day(words, words.day_long, instant.astimezone(ZoneInfo(time_zone)))


def day_short(words: Words, instant: datetime, time_zone: str) -> str:
    return _day(words, words.day_short, instant.astimezone(ZoneInfo(time_zone)))


def clock_time(words: Words, instant: datetime, time_zone: str) -> str:
    local = instant.astimezone(ZoneInfo(time_zone))
    return words.time.format(hour=local.hour, minute=local.minute)


def money(words: Words, sum_: Money) -> str:
    """46,00 €; a currency without a sign of ours keeps its code."""
    euros, cents = divmod(abs(sum_.amount_cents), 100)
    amount = f"{'-' if sum_.amount_cents < 0 else ''}{euros}{words.decimal}{cents:02}"
    currency = words.EUR if sum_.currency == "EUR" else sum_.currency
    return words.money.format(amount=amount, currency=currency).replace(" ", "\N{NO-BREAK SPACE}")


def _day(words: Words, shape: str, local: datetime) -> str:
    return shape.format(
        weekday=words.weekdays[local.weekday()],
        weekday_short=words.weekdays_short[local.weekday()],
        day=local.day,
        month=words.months[local.month - 1],
        month_short=words.months_short[local.month - 1],
        year=local.year,
    )

"""On which days a rule returns: weekday, every n weeks, the nth or last weekday of a month. Pure."""

from datetime import date, timedelta
from typing import Literal

LAST = -1
Nth = Literal[1, 2, 3, 4, 5, -1]
"""The first to fifth of its weekday in the month; -1 is the last."""


def is_nth_of_month(day: date, nth: int) -> bool:
    """Whether `day` is the nth of its weekday in its month: the first Saturday, the last Friday."""
    if nth == LAST:
        return (day + timedelta(weeks=1)).month != day.month
    return (day.day - 1) // 7 + 1 == nth


def is_in_phase(day: date, every_weeks: int, anchor: date) -> bool:
    """Whether `day` lies a multiple of `every_weeks` from the week of `anchor`, which begins on Monday."""
    return (_monday(day) - _monday(anchor)).days // 7 % every_weeks == 0


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

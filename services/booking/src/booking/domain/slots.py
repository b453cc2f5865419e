"""Time as bits: a local day is 288 steps of five minutes, kept in one integer.

The first step of the day (00:00) is the highest bit, as PostgreSQL writes `bit(288)`; `mask << 1` therefore moves every
step one place towards the morning. Instants are UTC, days and steps are local, and only this module crosses over.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

STEP_MIN = 5
STEPS = 24 * 60 // STEP_MIN
FULL = (1 << STEPS) - 1


class Span(NamedTuple):
    """Steps `first` to `last` of one local day; `last` is the first step that no longer belongs to it."""

    first: int
    last: int


class Place(NamedTuple):
    """Where an occupied range lies: the local day, and its bits."""

    day: date
    bits: int


def span_bits(span: Span) -> int:
    return ((1 << (span.last - span.first)) - 1) << (STEPS - span.last)


def bits_of(spans: Iterable[Span]) -> int:
    bits = 0
    for span in spans:
        bits |= span_bits(span)
    return bits


def steps_of(minutes: int) -> int:
    """Whole steps that cover `minutes`."""
    return -(-minutes // STEP_MIN)


def doubling_shifts(length: int) -> tuple[int, ...]:
    """The shifts that find runs of `length` steps in log2(length) rounds of `mask &= mask << shift`."""
    shifts, found = [], 1
    while found < length:
        shift = min(found, length - found)
        shifts.append(shift)
        found += shift
    return tuple(shifts)


def run_starts(free: int, length: int) -> int:
    """The steps from which `length` steps in a row are free. A run never goes on into the next day."""
    for shift in doubling_shifts(length):
        free &= free << shift
    return free & FULL


@cache
def grid(step_min: int) -> int:
    """The steps at which a visit may start, counted from midnight."""
    return bits_of(Span(first, first + 1) for first in range(0, STEPS, steps_of(step_min)))


def from_step(first: int) -> int:
    """All steps from `first` to the end of the day."""
    return span_bits(Span(min(first, STEPS), STEPS))


def steps_beside(bits: int) -> int:
    """The step right before and the one right after a range, where the day has them."""
    return (bits << 1 | bits >> 1) & ~bits & FULL


def set_steps(bits: int) -> Iterator[int]:
    """The steps that are set, from morning to evening."""
    while bits:
        length = bits.bit_length()
        yield STEPS - length
        bits ^= 1 << (length - 1)


def spans_of(bits: int) -> Iterator[Span]:
    """The runs of steps that are set, from morning to evening."""
    while bits:
        last = STEPS - bits.bit_length()
        first = last
        while last < STEPS and bits >> (STEPS - 1 - last) & 1:
            last += 1
        yield Span(first, last)
        bits &= ~span_bits(Span(first, last))


def clock_time(step: int) -> str:
    return f"{step // 12:02}:{step % 12 * STEP_MIN:02}"


def step_of_time(value: time) -> int:
    return (value.hour * 60 + value.minute) // STEP_MIN


@cache
def changed_bits(day: date, zone: ZoneInfo) -> int:
    """Steps whose wall time comes twice or never, because the clocks change: closed, so that a step is one instant."""
    if _offset(day, 0, zone, 0) == _offset(day + timedelta(days=1), 0, zone, 0):
        return 0
    return bits_of(
        Span(step, step + 1) for step in range(STEPS) if _offset(day, step, zone, 0) != _offset(day, step, zone, 1)
    )


def _offset(day: date, step: int, zone: ZoneInfo, fold: int) -> timedelta | None:
    return datetime.combine(day, _time(step), zone).replace(fold=fold).utcoffset()


def _time(step: int) -> time:
    return time(step // 12, step % 12 * STEP_MIN)


def instant_of(day: date, step: int, zone: ZoneInfo) -> datetime:
    """The instant at which a local step begins; step 288 is the next day's first."""
    days, step = divmod(step, STEPS)
    return datetime.combine(day + timedelta(days=days), _time(step), zone).astimezone(UTC)


def local_step(instant: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """The local day and the step that holds `instant`."""
    local = instant.astimezone(zone)
    return local.date(), (local.hour * 60 + local.minute) // STEP_MIN


def starts_on_step(instant: datetime) -> bool:
    return instant.second == 0 and instant.microsecond == 0 and instant.minute % STEP_MIN == 0


def floor_to_step(instant: datetime) -> datetime:
    """The begin of the step that runs then."""
    return instant.replace(minute=instant.minute - instant.minute % STEP_MIN, second=0, microsecond=0)


def place_of(start: datetime, end: datetime, zone: ZoneInfo) -> Place:
    """The bits of an occupied range, which lies in one local day and on the grid."""
    day, first = local_step(start, zone)
    last_day, last = local_step(end, zone)
    return Place(day, span_bits(Span(first, last if last_day == day else STEPS)))

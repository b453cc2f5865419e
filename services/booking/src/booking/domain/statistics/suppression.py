"""Small counts are not shown, nor what would give them away: a count that is the rest of what is shown. Pure.

A count below K is hidden, also one below nothing (a correction of what another day counted). Then each equation (a
whole and its parts: a year and its months, all bookings and those of each way of booking) is looked at: who knows all
of it but one thing knows that, too, so another part is hidden, the smallest. What is hidden in one equation may stand
in others, so they are looked at until nothing changes.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Generic, NamedTuple, TypeVar

K = 5
Cell = TypeVar("Cell", bound=tuple[str, ...] | str)


class Equation(NamedTuple, Generic[Cell]):
    whole: Cell
    parts: Sequence[Cell]
    """They add up to the whole."""


def hide(
    counts: Mapping[Cell, int],
    equations: Sequence[Equation[Cell]],
    *,
    hidden: AbstractSet[Cell] = frozenset(),
    settled: Collection[Cell] = (),
) -> set[Cell]:
    """The cells that are not shown. Cells that are missing count nothing; nothing is no secret.

    `settled` cells were decided before, and are not shown if they are in `hidden`.
    """
    secret = {cell for cell, count in counts.items() if (cell in hidden if cell in settled else count < K and count)}
    of_cell: defaultdict[Cell, list[int]] = defaultdict(list)
    for number, equation in enumerate(equations):
        for cell in (equation.whole, *equation.parts):
            of_cell[cell].append(number)
    waiting = deque(dict.fromkeys(number for cell in secret for number in of_cell[cell]))
    while waiting:
        number = waiting.popleft()
        while more := _one_more(counts, secret, equations[number], settled):
            secret |= more
            waiting.extend(other for cell in more for other in of_cell[cell])
    return secret


def _one_more(
    counts: Mapping[Cell, int], hidden: AbstractSet[Cell], equation: Equation[Cell], settled: Collection[Cell]
) -> set[Cell]:
    """What must be hidden as well: the smallest part; where no other counts anything, one that counts nothing; at last
    the whole.
    """
    unknown = [part for part in equation.parts if part in hidden]
    if _is_safe(counts, equation, unknown, is_whole_hidden=equation.whole in hidden):
        return set()
    shown = [part for part in equation.parts if part not in hidden and part not in settled]
    counting = [part for part in shown if counts.get(part, 0)] or shown
    if counting:
        return {min(counting, key=lambda part: (counts.get(part, 0), part))}
    return {equation.whole} - hidden - set(settled)


def _is_safe(
    counts: Mapping[Cell, int], equation: Equation[Cell], unknown: Sequence[Cell], *, is_whole_hidden: bool
) -> bool:
    """Several unknown parts whose sum is known can still be told if each of them counts one, the least there is."""
    if is_whole_hidden:
        return bool(unknown) or not any(counts.get(part, 0) for part in equation.parts)
    if not unknown:
        return True
    each = [counts.get(part, 0) for part in unknown]
    return len(each) > 1 and sum(each) >= K and any(count != 1 for count in each)

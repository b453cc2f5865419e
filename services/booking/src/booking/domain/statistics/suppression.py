"""Small counts are not shown, nor what would give them away: a count that is the rest of what is shown. Pure.

A count below K is hidden, also one below nothing (a correction of what another day counted). Then each equation (a
whole and its parts: a year and its months, all bookings and those of each way of booking) is looked at: who knows all
of it but one thing knows that, too, so another part is hidden, the smallest. What is hidden in one equation may stand
in others, so they are looked at until nothing changes. At last all of them are looked at together (ambiguity.py): where
no proof is found that a small count could be another one, more is hidden beside it.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Generic

from booking.domain.statistics.ambiguity import Cell, Equation, Equations, other_solution

K = 5


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
    hiding = _Hiding(counts, Equations(equations), secret, settled)
    hiding.close(secret)
    hiding.prove()
    return secret


class _Hiding(Generic[Cell]):
    def __init__(
        self, counts: Mapping[Cell, int], equations: Equations[Cell], secret: set[Cell], settled: Collection[Cell]
    ) -> None:
        self._counts = counts
        self._equations = equations
        self._secret = secret
        self._settled = set(settled)

    def close(self, cells: Iterable[Cell]) -> None:
        """No equation of these cells gives one away by itself."""
        of_cell = self._equations.of_cell
        waiting = deque(dict.fromkeys(number for cell in cells for number, _ in of_cell[cell]))
        while waiting:
            equation = self._equations.all[waiting.popleft()]
            while more := _one_more(self._counts, self._secret, equation, self._settled):
                self._secret |= more
                waiting.extend(other for cell in more for other, _ in of_cell[cell])

    def prove(self) -> None:
        """No small count is the only one that all equations together allow."""
        proved: set[Cell] = set()
        free = self._secret - self._settled
        for cell in sorted(cell for cell in free if 0 < self._counts.get(cell, 0) < K):
            while cell not in proved:
                proved |= other_solution(cell, self._counts, self._equations, free, proved)
                if cell in proved or not self._hide_beside(cell):
                    break
                free = self._secret - self._settled

    def _hide_beside(self, cell: Cell) -> bool:
        """The smallest of the nearest that are still shown; what counts nothing comes after what does. False: there is
        nothing left.
        """
        near, seen = {cell}, {cell}
        while near:
            near = {other for one in near for other in self._equations.neighbours(one)} - seen - self._settled
            seen |= near
            shown = near - self._secret
            if shown:
                more = min(shown, key=lambda one: (not self._counts.get(one, 0), self._counts.get(one, 0), one))
                self._secret.add(more)
                self.close([more])
                return True
        return False


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

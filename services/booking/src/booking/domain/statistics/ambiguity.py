"""Whether a hidden count could be another one, for all that is shown: who solves all equations together. Pure.

A proof is looked for, not taken for granted: a second table that fits all that is shown and differs in this count. It
is found by changing the count by one and mending the equations that are off by that through other hidden counts, one
after the other, until all of them hold. What is changed on the way could be another number, too.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Generic, NamedTuple, TypeVar

TRIES_MAX = 400
"""Changes that are tried for one count. Where none of them leads to a proof, the count is taken to be told."""
Cell = TypeVar("Cell", bound=tuple[str, ...] | str)


class Equation(NamedTuple, Generic[Cell]):
    whole: Cell
    parts: Sequence[Cell]
    """They add up to the whole."""


class Equations(Generic[Cell]):
    def __init__(self, equations: Sequence[Equation[Cell]]) -> None:
        self.all = equations
        self.of_cell: defaultdict[Cell, list[tuple[int, int]]] = defaultdict(list)
        """Each with how its difference (whole − parts) changes with the cell."""
        for number, equation in enumerate(equations):
            self.of_cell[equation.whole].append((number, 1))
            for part in equation.parts:
                self.of_cell[part].append((number, -1))

    def neighbours(self, cell: Cell) -> Iterator[Cell]:
        for number, _ in self.of_cell[cell]:
            yield from (self.all[number].whole, *self.all[number].parts)


class _Second(Generic[Cell]):
    """A table on its way to be another solution."""

    def __init__(
        self,
        counts: Mapping[Cell, int],
        equations: Equations[Cell],
        free: AbstractSet[Cell],
        proved: AbstractSet[Cell],
    ) -> None:
        self._proved = proved
        self._counts = counts
        self._equations = equations
        self._free = free
        self._off: dict[int, int] = {}
        self._tries = TRIES_MAX
        self.changed: dict[Cell, int] = {}

    def begin(self, cell: Cell, by: int) -> bool:
        """True: `changed` is what differs."""
        if not self._may(cell, by):
            return False
        self._change(cell, by)
        return self._mend()

    def _mend(self) -> bool:
        if not self._off:
            return True
        shortest = min(self._off, key=lambda number: len(self._equations.all[number].parts))
        for cell, by in self._candidates(shortest):
            if self._tries == 0:
                return False
            self._tries -= 1
            self._change(cell, by)
            if self._mend():
                return True
            self._undo(cell)
        return False

    def _candidates(self, number: int) -> list[tuple[Cell, int]]:
        """What would mend it, those first that leave the fewest equations off, and of these what is not proved yet."""
        equation, off = self._equations.all[number], self._off[number]
        found = [(equation.whole, -off), *((part, off) for part in equation.parts)]
        possible = [(cell, by) for cell, by in found if cell not in self.changed and self._may(cell, by)]
        return sorted(possible, key=lambda one: (self._left_off(*one), one[0] in self._proved))

    def _left_off(self, cell: Cell, by: int) -> int:
        """How many more of its equations than now."""
        more = 0
        for number, sign in self._equations.of_cell[cell]:
            off = self._off.get(number, 0)
            more += (off + by * sign != 0) - (off != 0)
        return more

    def _may(self, cell: Cell, by: int) -> bool:
        """Nothing is counted less than nothing."""
        if cell not in self._free:
            return False
        return by > 0 or self._counts.get(cell, 0) + by >= 0

    def _change(self, cell: Cell, by: int) -> None:
        self.changed[cell] = by
        self._tell(cell, by)

    def _undo(self, cell: Cell) -> None:
        self._tell(cell, -self.changed.pop(cell))

    def _tell(self, cell: Cell, by: int) -> None:
        for number, sign in self._equations.of_cell[cell]:
            off = self._off.pop(number, 0) + by * sign
            if off:
                self._off[number] = off


def other_solution(
    cell: Cell,
    counts: Mapping[Cell, int],
    equations: Equations[Cell],
    free: AbstractSet[Cell],
    proved: AbstractSet[Cell] = frozenset(),
) -> AbstractSet[Cell]:
    """The counts that differ in a table that differs in this one; none if none was found. `free`: what is hidden;
    `proved`: what needs no proof any more.
    """
    for by in (1, -1):
        second = _Second(counts, equations, free, proved)
        if second.begin(cell, by):
            return second.changed.keys()
    return frozenset()

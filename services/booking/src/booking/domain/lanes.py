"""Choosing among lanes that are free at the same time. `store/holds.py` says the same in SQL."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from booking.domain.errors import SlotTaken
from booking.domain.slots import Place

SAMPLE = 12
LOAD_CLASS = 24
"""Loads within two hours count as equal; then the gaps that a choice leaves matter more. Compared to the minute, loads
hardly ever are equal, and gaps too short to sell cost four visits of a hundred (tests/booking/domain/test_lanes.py).
"""


class Slot(NamedTuple):
    """Where a visit may go: one lane of each group, all of them or none."""

    lane_groups: Sequence[Sequence[int]]
    """Clerks and counters first; then resources, if it needs any."""
    preferred: Sequence[int]
    place: Place
    internal: bool
    """For the staff: also steps that the public may not book."""

    @property
    def lane_ids(self) -> list[int]:
        return [lane_id for lane_ids in self.lane_groups for lane_id in lane_ids]


class Candidate(NamedTuple):
    lane_id: int
    load: int
    """Steps of that day that are taken already."""
    loose: int
    """Free steps right before and after the visit: 0 where it fills a gap, 2 where it stands alone."""
    is_open: bool
    is_free: bool


def fairest_first(candidates: Sequence[Candidate], preferred: Sequence[int] = ()) -> list[Candidate]:
    """The preferred in their order; then the less loaded of that day, and among equals who loses least, by chance."""
    free = [candidate for candidate in candidates if candidate.is_free]
    random.shuffle(free)
    rank = {lane_id: position for position, lane_id in enumerate(dict.fromkeys(preferred))}
    return sorted(free, key=lambda one: (rank.get(one.lane_id, len(rank)), one.load // LOAD_CLASS, one.loose, one.load))


def choose_lanes(groups: Sequence[Sequence[Candidate]], preferred: Sequence[int]) -> list[int]:
    """The best of each group, the clerk's or counter's first. Raises SlotTaken."""
    best = [fairest_first(candidates, preferred)[:1] for candidates in groups]
    if not all(best):
        raise SlotTaken
    return [candidate.lane_id for (candidate,) in best]


def some_lanes(lane_ids: Sequence[int], preferred: Sequence[int] = ()) -> Sequence[int]:
    """A few by chance, to be tried before all: the best of twelve is nearly as fair as that of forty, and cheap.

    (The power of a few choices: Azar, Broder, Karlin, Upfal, "Balanced Allocations", 1999.)
    """
    if len(lane_ids) <= SAMPLE:
        return lane_ids
    first = random.randrange(len(lane_ids))  # noqa: S311 - fairness, no secret
    return [*preferred, *[*lane_ids[first:], *lane_ids[:first]][:SAMPLE]]

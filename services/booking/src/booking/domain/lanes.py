"""Choosing among lanes that are free at the same time."""

import random
from collections.abc import Sequence
from typing import NamedTuple

SAMPLE = 8


class Candidate(NamedTuple):
    lane_id: int
    load: int
    """Steps of that day that are taken already."""
    is_open: bool
    is_free: bool


def fairest_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The least loaded lane of that day first, by chance among equals."""
    free = [candidate for candidate in candidates if candidate.is_free]
    random.shuffle(free)
    return sorted(free, key=lambda candidate: candidate.load)


def some_lanes(lane_ids: Sequence[int]) -> Sequence[int]:
    """A few by chance, to be tried before all: the least loaded of eight is nearly as fair as that of forty, and cheap.

    (The power of a few choices: Azar, Broder, Karlin, Upfal, "Balanced Allocations", 1999.)
    """
    if len(lane_ids) <= SAMPLE:
        return lane_ids
    first = random.randrange(len(lane_ids))  # noqa: S311 - fairness, no secret
    return [*lane_ids[first:], *lane_ids[:first]][:SAMPLE]

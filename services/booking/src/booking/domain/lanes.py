"""Choosing among lanes that are free at the same time."""

import random
from collections.abc import Sequence
from typing import NamedTuple


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

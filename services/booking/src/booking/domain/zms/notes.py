"""The report of an import: what was not understood, why, and what is assumed in its place. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

import msgspec

Kind = Literal["export", "service", "location"]


class Note(msgspec.Struct, frozen=True):
    kind: Kind
    id: str
    """As the export has it; its place in the list where it has none."""
    name: str
    field: str
    why: str
    assumed: str


def summary(notes: Iterable[Note]) -> list[str]:
    """Lines for a terminal: equal notes counted, the most frequent first."""
    counts = Counter((note.kind, note.field, note.why, note.assumed) for note in notes)
    return [
        f"{count:5} × {kind} {field}: {why} → {assumed}" for (kind, field, why, assumed), count in counts.most_common()
    ]


def in_order(notes: Iterable[Note]) -> list[Note]:
    kinds: tuple[Kind, ...] = ("export", "location", "service")
    return sorted(notes, key=lambda note: (kinds.index(note.kind), note.name, note.id, note.field))

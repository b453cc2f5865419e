"""One entry of an export, read field by field: what is plain is taken, whatever its type; the rest is noted. Pure."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from booking.domain.zms.notes import Kind, Note

NAME_MAX = 200
_TAG = re.compile(r"<[^>]*>")
_NO_LETTER = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff]")
"""Control characters, marks without a width, halves of a pair: PostgreSQL or readers stumble over them."""


class Span(NamedTuple):
    least: int
    most: int


def plain_text(value: str) -> str:
    """Without tags, entities, characters that are none, and more than one blank in a row."""
    return " ".join(_NO_LETTER.sub(" ", html.unescape(_TAG.sub(" ", value))).split())


def as_id(value: object) -> str | None:
    """Ids come as texts and as numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return plain_text(str(value))[:NAME_MAX] or None


def as_number(value: object) -> int | None:
    """15, "15" and 15.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e9:
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_flag(value: object) -> bool | None:
    """true, 1, "1" and "true"."""
    if isinstance(value, bool):
        return value
    return {"1": True, "true": True, "0": False, "false": False}.get(str(value).strip().lower())


class Entry:
    """A service or location, or a part of one; `notes` takes what is wrong with it."""

    def __init__(self, kind: Kind, id_: str, value: Mapping[str, object], notes: list[Note], place: str = "") -> None:
        self.kind: Kind = kind
        self.id = id_
        self.name = ""
        self._value = value
        self._notes = notes
        self._place = place

    def note(self, field: str, why: str, assumed: str) -> None:
        self._notes.append(Note(self.kind, self.id, self.name, f"{self._place}{field}", why, assumed))

    def has(self, field: str) -> bool:
        """Whether it says anything there."""
        return self._value.get(field) not in (None, "", False, [], {})

    def get(self, field: str) -> object:
        return self._value.get(field)

    def text(self, field: str, assumed: str = "") -> str:
        """What is missing is no fault; what is no text is."""
        value = self._value.get(field)
        if value is None or value is False:
            return assumed
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            self.note(field, "is no text", assumed or "nothing")
            return assumed
        return plain_text(str(value)) or assumed

    def number(self, field: str, limits: Span) -> int | None:
        value = self._value.get(field)
        if value is None:
            return None
        number = as_number(value)
        if number is None or not limits.least <= number <= limits.most:
            self.note(field, f"is no whole number from {limits.least} to {limits.most}", "as if it were missing")
            return None
        return number

    def flag(self, field: str) -> bool | None:
        value = self._value.get(field)
        if value is None:
            return None
        flag = as_flag(value)
        if flag is None:
            self.note(field, "is neither true nor false", "as if it were missing")
        return flag

    def part(self, field: str) -> "Entry":
        """A table in it; an empty one where there is none."""
        value = self._value.get(field)
        if value not in (None, False, [], "") and not isinstance(value, Mapping):
            self.note(field, "is no table", "as if it were missing")
        return self._inner(value if isinstance(value, Mapping) else {}, f"{self._place}{field}.")

    def parts(self, field: str) -> Iterator["Entry"]:
        """The tables of a list, or of a table by id."""
        for value in self.values(field):
            if isinstance(value, Mapping):
                yield self._inner(value, f"{self._place}{field}.")
            else:
                self.note(field, "holds something that is no table", "left out")

    def values(self, field: str) -> list[object]:
        value = self._value.get(field)
        if isinstance(value, Mapping):
            return list(value.values())
        if value is not None and value is not False and not isinstance(value, list):
            self.note(field, "is no list", "as if it were empty")
        return list(value) if isinstance(value, list) else []

    def ids(self, field: str) -> list[str]:
        found = [as_id(value) for value in self.values(field)]
        if None in found:
            self.note(field, "holds something that is no id", "left out")
        return [id_ for id_ in found if id_ is not None]

    def keys(self) -> set[str]:
        return set(self._value)

    def _inner(self, value: Mapping[str, object], place: str) -> "Entry":
        entry = Entry(self.kind, self.id, value, self._notes, place)
        entry.name = self.name
        return entry


def read_entries(kind: Kind, export: object, notes: list[Note]) -> dict[str, Entry]:
    """By id. An export is a table whose `data` is the list of entries, or the list itself."""
    listed = export.get("data") if isinstance(export, Mapping) else export
    if isinstance(listed, Mapping):
        listed = list(listed.values())
    if not isinstance(listed, list):
        notes.append(Note("export", kind, "", "data", f"holds no list of {kind}s", "there are none"))
        return {}
    found: dict[str, Entry] = {}
    for position, value in enumerate(listed, 1):
        id_ = as_id(value.get("id")) if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or id_ is None:
            notes.append(Note(kind, f"#{position}", "", "id", "is missing, so nothing can name it", "left out"))
        elif id_ in found:
            notes.append(Note(kind, id_, "", "id", "stands a second time", "the first one alone"))
        else:
            found[id_] = Entry(kind, id_, value, notes)
    return found

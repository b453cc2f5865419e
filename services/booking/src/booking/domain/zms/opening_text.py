"""Opening hours as cities write them: a table by weekday, its texts such as "08:00-12:00 und 14:00-18:00 Uhr". Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from typing import NamedTuple

_DAYS: Mapping[str, int] = {
    **{name: day for day, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday"), 1)},
    **{name: day for day, name in enumerate(("montag", "dienstag", "mittwoch", "donnerstag", "freitag"), 1)},
    "saturday": 6,
    "sunday": 7,
    "samstag": 6,
    "sonnabend": 6,
    "sonntag": 7,
    **{name: day for day, name in enumerate(("mo", "di", "mi", "do", "fr", "sa", "so"), 1)},
    **{name: day for day, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 1)},
}
_TIME = r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(?: ?uhr)?"
_SPAN = re.compile(rf"{_TIME} ?(?:-|–|—|bis) ?{_TIME}", re.IGNORECASE)
_CLOSED = re.compile(r"geschlossen|closed|keine sprechzeiten?|[-–—]*", re.IGNORECASE)
_FILLER = re.compile(r"(?:\b(?:uhr|und|von|sowie|and)\b|[\s,;/|+.])*", re.IGNORECASE)


class Opening(NamedTuple):
    weekday: int
    opens: time
    closes: time


class OpeningReading(NamedTuple):
    openings: tuple[Opening, ...]
    not_understood: tuple[str, ...]
    """Keys whose text could not be read."""


def read_opening(table: Mapping[str, object]) -> OpeningReading:
    openings: list[Opening] = []
    unread: list[str] = []
    for key, value in table.items():
        weekday = _DAYS.get(str(key).strip().lower().rstrip("."))
        found = list(_spans(value)) if isinstance(value, str) else [None]
        if weekday is None:
            unread += [str(key)] if value not in (None, "", False) else []
        elif value in (None, False):
            continue
        elif None in found:
            unread.append(str(key))
        else:
            openings += [Opening(weekday, *span) for span in found if span is not None]
    return OpeningReading(tuple(sorted(set(openings))), tuple(unread))


def _spans(text: str) -> Iterator[tuple[time, time] | None]:
    """None for words that may be a condition ("nur mit Termin"), or for times that are none."""
    rest = _SPAN.sub(" ", text)
    if _CLOSED.fullmatch(text.strip()):
        return
    if not _FILLER.fullmatch(rest):
        yield None
        return
    for match in _SPAN.finditer(text):
        yield _span(*match.groups())


def _span(from_hour: str, from_minute: str | None, to_hour: str, to_minute: str | None) -> tuple[time, time] | None:
    try:
        opens, closes = time(int(from_hour), int(from_minute or 0)), time(int(to_hour), int(to_minute or 0))
    except ValueError:
        return None
    on_grid = opens.minute % 5 == 0 and closes.minute % 5 == 0
    return (opens, closes) if opens < closes and on_grid else None

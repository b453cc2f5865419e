"""How calls and answers stand in the document: JSON that can be read, honest about what it leaves out."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from textwrap import fill
from typing import Any

WIDTH = 112
REST = "…"
"""In place of what is left out."""
_LONG = 90
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")


class Cut(str):
    """Stands for entries that are left out, and is no string of the answer."""

    __slots__ = ()


class Text(str):
    """An answer that is no JSON, such as a table."""

    __slots__ = ()


class Names:
    """What differs from run to run, or is only long, by a name that can be read: the same everywhere."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def give(self, value: object, name: str) -> None:
        assert name not in self._known.values() or self._known.get(str(value)) == name, f"{name} has two meanings"
        self._known[str(value)] = name

    def __call__(self, text: str) -> str:
        for value in sorted(self._known, key=len, reverse=True):
            text = text.replace(value, self._known[value])
        for kind, pattern in (("ID", _UUID), ("NUMBER", _NUMBER)):
            text = pattern.sub(partial(self._numbered, kind), text)
        return text

    def _numbered(self, kind: str, found: re.Match[str]) -> str:
        """Those that nobody named, in the order in which they appear."""
        self._counts[kind] += found[0] not in self._known
        return self._known.setdefault(found[0], f"{kind}_{self._counts[kind]}")


def first_lines(text: Text, count: int | None) -> Text:
    lines = text.splitlines()
    left = len(lines) - len(lines[:count])
    return Text("\n".join([*lines[:count], *([f"{REST} {left} more"] if left else [])]))


def pick(value: Any, paths: Sequence[str], entries: int | None) -> Any:
    """The members at `paths` (`clerk.room`), in the answer's order; of lists so many `entries`. No paths: all."""
    if isinstance(value, list):
        kept = [pick(each, paths, entries) for each in value[:entries]]
        left = len(value) - len(kept)
        return [*kept, Cut(f"{REST} {left} more")] if left else kept
    if not isinstance(value, dict) or (not paths and entries is None):
        return value
    wanted: dict[str, list[str]] = {}
    for path in paths or value:
        head, _, tail = path.partition(".")
        wanted.setdefault(head, []).extend([tail] if tail else [])
    unknown = wanted.keys() - value.keys()
    assert not unknown, f"{sorted(unknown)} is not in the answer: {sorted(value)}"
    shown = {key: pick(value[key], wanted[key], entries) for key in value if key in wanted}
    return shown if len(shown) == len(value) else {**shown, REST: Cut(REST)}


def lay_out(value: Any, names: Names, indent: int = 0, lead: int = 0) -> str:
    """On one line where it fits. `lead`: what stands before it on its line."""
    line = _line(value, names)
    if not isinstance(value, dict | list) or len(line) + indent + lead <= WIDTH:
        return line
    inner = " " * (indent + 2)
    if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
        return "[\n" + fill(line[1:-1], WIDTH, initial_indent=inner, subsequent_indent=inner) + f"\n{' ' * indent}]"
    ends = "{}" if isinstance(value, dict) else "[]"
    rows = [inner + row for row in _rows(value, names, indent + 2)]
    return "\n".join([ends[0], ",\n".join(rows), " " * indent + ends[1]])


def _rows(value: Mapping[str, Any] | Sequence[Any], names: Names, indent: int) -> list[str]:
    if not isinstance(value, Mapping):
        return [lay_out(each, names, indent) for each in value]
    rows = []
    for key, each in value.items():
        start = "" if isinstance(each, Cut) and key == REST else f"{json.dumps(names(key), ensure_ascii=False)}: "
        rows.append(start + lay_out(each, names, indent, len(start)))
    return rows


def _line(value: Any, names: Names) -> str:
    match value:
        case Cut():
            return str(value)
        case str():
            text = names(value)
            return json.dumps(text if len(text) <= _LONG or " " in text else text[:32] + REST, ensure_ascii=False)
        case dict():
            return "{" + ", ".join(_rows_of_one_line(value, names)) + "}"
        case list():
            return "[" + ", ".join(_line(each, names) for each in value) + "]"
    return json.dumps(value)


def _rows_of_one_line(value: Mapping[str, Any], names: Names) -> list[str]:
    return [
        _line(each, names)
        if isinstance(each, Cut) and key == REST
        else f"{json.dumps(names(key), ensure_ascii=False)}: {_line(each, names)}"
        for key, each in value.items()
    ]

"""On which line of a TOML file a value stands, for messages about it: `tomllib` tells none. Pure."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from booking.domain.file_faults import Path


class _Statement(NamedTuple):
    """A header or an assignment, which may go over several lines."""

    line: int
    text: str
    content: dict[str, object]


def toml_lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, of each table and each key; of a list's tables where each has a line of its own."""
    lines: dict[Path, int] = {}
    tables: Counter[Path] = Counter()
    header: Path = ()
    for statement in _statements(text):
        if statement.text.lstrip().startswith("["):
            header = _header(statement.content, tables)
            lines.setdefault(header, statement.line)
        else:
            path = (*header, *_keys(statement.content))
            lines |= {path[:end]: statement.line for end in range(len(header) + 1, len(path) + 1)}
            lines |= {(*path, index): line for index, line in enumerate(_rows(statement))}
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Of a value that is missing: its table's line."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 1)


def _statements(text: str) -> Iterator[_Statement]:
    """Lines are joined until they parse: half a list does not."""
    first, pending = 1, ""
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not pending and (not line.strip() or line.lstrip().startswith("#")):
            continue
        first, pending = (first, pending + line) if pending else (number, line)
        try:
            content = tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        yield _Statement(first, pending, content)
        pending = ""


def _keys(content: object) -> Path:
    """The dotted key of one assignment."""
    path: Path = ()
    while isinstance(content, dict) and len(content) == 1:
        key = next(iter(content))
        path, content = (*path, key), content[key]
    return path


def _header(content: object, tables: Counter[Path]) -> Path:
    """`[[office.clerks]]` is a further table in the list of the office that was begun last."""
    path: Path = ()
    while content:
        if isinstance(content, list):
            tables[path] += 1
            return (*path, tables[path] - 1)
        assert isinstance(content, dict)
        key = next(iter(content))
        path, content = (*path, key), content[key]
        if tables[path] and not isinstance(content, list):
            path = (*path, tables[path] - 1)
    return path


def _rows(statement: _Statement) -> list[int]:
    """The lines of `{ … }`, one table a line; none where they are written otherwise."""
    lines = statement.text.splitlines()
    return [statement.line + n for n, line in enumerate(lines) if line.lstrip().startswith("{")]

"""Tables for spreadsheets: CSV that opens with a double click, and that no cell can make run a formula.

The German Excel takes semicolons, and needs the byte order mark to see that it is UTF-8.
"""

import csv
import io
from collections.abc import Iterable, Sequence

MEDIA_TYPE = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _cell(value: object) -> str:
    """A text that begins as a formula does gets an apostrophe before it (OWASP, "CSV Injection"). Numbers stay."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(value).replace(".", ",")
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return f"'{value}"
    return str(value)

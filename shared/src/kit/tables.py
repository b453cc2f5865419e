"""Tables for spreadsheets: CSV that opens with a double click, and that no cell can make run a formula.

The German Excel takes semicolons, and needs the byte order mark to see that it is UTF-8.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

MEDIA_TYPE = "text/csv"
BYTE_ORDER_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return BYTE_ORDER_MARK + csv_line(header) + "".join(map(csv_line, rows))


def csv_line(row: Sequence[object]) -> str:
    """One line with its end, for tables that are too long to be held at once."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow(_cell(value) for value in row)
    return text.getvalue()


def _cell(value: object) -> str:
    """A text that begins as a formula does gets an apostrophe before it (OWASP, "CSV Injection"). Numbers stay."""
    if value is None:
        return ""
    if isinstance(value, float | Decimal):
        return str(value).replace(".", ",")
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return f"'{value}"
    return str(value)

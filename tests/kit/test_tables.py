"""Tables as a German spreadsheet takes them."""

import csv
import io

import pytest

from kit.tables import to_csv


def test_semicolons_a_byte_order_mark_and_decimal_commas() -> None:
    assert to_csv(("a", "b", "c", "d"), [(1, 0.8333, None, -2), (1234567.89, "Übach; Palenberg", "", 0.5)]) == (
        '\ufeffa;b;c;d\r\n1;0,8333;;-2\r\n1234567,89;"Übach; Palenberg";;0,5\r\n'
    )


@pytest.mark.parametrize("text", ["=1+1", "+49 2452", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_no_text_runs_as_a_formula(text: str) -> None:
    table = io.StringIO(to_csv(("name",), [(text,)]).removeprefix("\ufeff"), newline="")
    assert list(csv.reader(table, delimiter=";")) == [["name"], [f"'{text}"]]

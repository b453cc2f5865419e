"""What texts of an export say for certain, and what they do not."""

from datetime import time
from typing import Any

import pytest

from booking.domain.zms.fee_text import read_fee
from booking.domain.zms.opening_text import Opening, read_opening


@pytest.mark.parametrize(
    ("text", "cents"),
    [("35 Euro", 3500), ("5,10 Euro.", 510), ("1.250,00 EUR", 125000), ("113,-- €", 11300), ("12€", 1200)],
)
def test_one_amount_is_a_fixed_fee(text: str, cents: int) -> None:
    assert read_fee(text)[:2] == ("fixed", cents)


@pytest.mark.parametrize(
    "text",
    ["Gebührenfrei", "kostenlos.", "Es fallen keine Gebühren an.", "Keine", "Die Beratung ist kostenlos.", "0 Euro"],
)
def test_nothing_to_pay_is_said_in_many_words(text: str) -> None:
    assert read_fee(text).kind == "none"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab 12 Euro",
        "etwa 300 Euro",
        "12 Euro pro Person",
        "50 bis 60 Euro",
        "unter 24 Jahren: 27,60 Euro, sonst 46 Euro",
        "Die Anzeige ist gebührenfrei. Bei der Neuausstellung fallen Gebühren an.",
        "Siehe Aushang",
        "Erwachsene 100 Euro, Kinder gebührenfrei",
        "35 Euro zuzüglich Porto",
        "999999 Euro",
    ],
)
def test_everything_else_is_on_request_and_says_why(text: str) -> None:
    fee = read_fee(text)
    assert (fee.kind, fee.amount_cents) == ("on_request", None)
    assert fee.why


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("08:00-12:00", [("08:00", "12:00")]),
        ("8 - 12 Uhr", [("08:00", "12:00")]),
        ("8.30 Uhr bis 12 Uhr und 14:00–18:00 Uhr", [("08:30", "12:00"), ("14:00", "18:00")]),
        ("von 7:30 bis 16:00", [("07:30", "16:00")]),
        ("geschlossen", []),
        ("-", []),
    ],
)
def test_spans_of_a_weekday(text: str, spans: list[tuple[str, str]]) -> None:
    expected = tuple(Opening(2, time.fromisoformat(one), time.fromisoformat(other)) for one, other in spans)
    assert read_opening({"Dienstag": text}) == (expected, ())


@pytest.mark.parametrize(
    "value", ["nur nach Vereinbarung", "08:00-12:00 (nur Abholung)", "12:00-08:00", "25-30 Uhr", 5, ["x"]]
)
def test_what_may_be_a_condition_is_not_understood(value: Any) -> None:
    assert read_opening({"monday": value}) == ((), ("monday",))


def test_other_keys_are_not_understood() -> None:
    table = {"special": "Brückentage zu", "monday": "08:00-09:00", "tuesday": None, "sunday": False, "note": ""}
    assert read_opening(table) == ((Opening(1, time(8), time(9)),), ("special",))

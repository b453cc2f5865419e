"""Folding, fees, holidays, numbers, plans: rules without I/O."""

from datetime import date

import pytest

from booking.domain.fees import Charge, Fee, fee_of_visit, fee_on
from booking.domain.folding import fold, letter_of, query_words, search_key
from booking.domain.holidays import easter
from booking.domain.numbers import ALPHABET, make_number


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Übach-Palenberg", "uebach palenberg"),
        ("Ausweiß", "ausweiss"),
        ("Geschlechtseintrag/Vornamen (SBGG)", "geschlechtseintrag vornamen sbgg"),
        ("Café Łódź", "cafe lodz"),
        ("  ", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_key_holds_both_ways_to_write_an_umlaut() -> None:
    assert search_key("Führerschein", "Führerschein verloren") == "fuehrerschein fuhrerschein verloren"
    assert query_words("einen Führerschein") == ("fuehrerschein",)
    assert query_words("die") == ("die",)
    assert (letter_of("Übermittlungssperre"), letter_of("1. Hilfe")) == ("U", "#")


def test_the_fee_is_that_of_the_day() -> None:
    fees = (Fee(3700, None, date(2026, 2, 7)), Fee(4600, date(2026, 2, 7), None))
    assert [fee_on(date(2026, 2, day), fees) for day in (6, 7)] == [3700, 4600]
    assert fee_on(date(2026, 2, 7), ()) is None


def test_the_strictest_policy_of_a_visit_wins() -> None:
    fixed = Charge("fixed", 4600, "online_optional", 2)
    free = Charge("none", None, "none", 1)
    open_fee = Charge("on_request", None, "counter", 1)
    assert fee_of_visit([fixed, free]).cents == 9200
    assert fee_of_visit([fixed, free]).policy == "online_optional"
    assert fee_of_visit([free]).kind == "none"
    assert (fee_of_visit([free, open_fee]).kind, fee_of_visit([free, open_fee]).policy) == ("on_request", "counter")
    assert fee_of_visit([fixed, Charge("fixed", 25500, "after_decision", 1)]).policy == "after_decision"


def test_easter() -> None:
    assert [easter(year) for year in (2024, 2025, 2026, 2027, 2038)] == [
        date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2038, 4, 25)
    ]  # fmt: skip


def test_numbers_are_plain_to_read_and_use_all_their_chance() -> None:
    assert make_number(bytes(5)) == "2222-2222"
    assert make_number(b"\xff" * 5) == "ZZZZ-ZZZZ"
    assert len(set(ALPHABET)) == 32
    assert not set("01IO") & set(ALPHABET)

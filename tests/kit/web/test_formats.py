from datetime import UTC, date, datetime

import pytest

from kit.web.formats import Formats
from kit.web.language import Languages

LANGUAGES = Languages(["kit.web"])
GERMAN, ENGLISH = Formats(LANGUAGES.get("de")), Formats(LANGUAGES.get("en"))


@pytest.mark.parametrize(
    ("cents", "german", "english"),
    [
        (4600, "46,00\u00a0€", "€46.00"),
        (5, "0,05\u00a0€", "€0.05"),
        (123456789, "1.234.567,89\u00a0€", "€1,234,567.89"),
        (-150, "-1,50\u00a0€", "€-1.50"),
    ],
)
def test_money(cents: int, german: str, english: str) -> None:
    assert (GERMAN.money(cents), ENGLISH.money(cents)) == (german, english)


def test_moments_are_local_on_both_sides_of_the_clock_change() -> None:
    before, after = datetime(2027, 3, 27, 9, 0, tzinfo=UTC), datetime(2027, 3, 29, 8, 0, tzinfo=UTC)
    assert GERMAN.moment(before, "Europe/Berlin") == "Sa., 27.03.2027, 10:00 Uhr"
    assert GERMAN.moment(after, "Europe/Berlin") == "Mo., 29.03.2027, 10:00 Uhr"
    assert ENGLISH.moment_long(after, "Europe/Berlin") == "Monday, 29 March 2027, 10:00"


def test_days() -> None:
    assert GERMAN.day_long(date(2027, 3, 1)) == "Montag, 1. März 2027"
    assert ENGLISH.day(date(2027, 3, 1)) == "Mon, 1 Mar 2027"

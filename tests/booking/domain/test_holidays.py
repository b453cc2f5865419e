"""Public holidays of NRW and the Rhineland's customs, written by hand."""

from datetime import date, time

import pytest

from booking.domain.holidays import (
    ClosingCustom,
    closed_days,
    public_holidays,
    region_of,
    school_holidays,
    usual_customs,
)

PUBLIC = {
    2026: ["01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "06-04", "10-03", "11-01", "12-25", "12-26"],
    2027: ["01-01", "03-26", "03-29", "05-01", "05-06", "05-17", "05-27", "10-03", "11-01", "12-25", "12-26"],
    2028: ["01-01", "04-14", "04-17", "05-01", "05-25", "06-05", "06-15", "10-03", "11-01", "12-25", "12-26"],
}
NAMES = [
    "Neujahr", "Karfreitag", "Ostermontag", "Erster Mai", "Christi Himmelfahrt", "Pfingstmontag", "Fronleichnam",
    "Tag der Deutschen Einheit", "Allerheiligen", "Erster Weihnachtstag", "Zweiter Weihnachtstag",
]  # fmt: skip
CARNIVAL = {
    2026: ("02-12", "02-16", "02-17"),
    2027: ("02-04", "02-08", "02-09"),
    2028: ("02-24", "02-28", "02-29"),
}


@pytest.mark.parametrize("year", PUBLIC)
def test_the_eleven_holidays_of_nrw(year: int) -> None:
    found = public_holidays("NW", year)
    assert [f"{day:%m-%d}" for day in found] == PUBLIC[year]
    by_day = sorted(zip(PUBLIC[year], NAMES, strict=True))
    assert [words.de for words in found.values()] == [name for _, name in by_day]
    assert found[date(year, 10, 3)].en == "German Unity Day"


@pytest.mark.parametrize("year", CARNIVAL)
def test_carnival_and_the_last_days_of_the_year(year: int) -> None:
    customs = (*usual_customs("NW"), ClosingCustom("veilchendienstag", time(13)))
    by_custom = {f"{closed.day:%m-%d}": closed for closed in closed_days("NW", customs, year) if closed.is_custom}
    assert tuple(by_custom) == (*CARNIVAL[year], "12-24", "12-31")
    thursday, monday, tuesday, *december = by_custom.values()
    assert (thursday.words.de, thursday.closed_from) == ("Weiberfastnacht", time(12))
    assert (monday.words.de, monday.closed_from) == ("Rosenmontag", time(0))
    assert tuesday.closed_from == time(13)
    assert [closed.words.de for closed in december] == ["Heiligabend", "Silvester"]


def test_other_states_have_other_holidays_and_no_carnival() -> None:
    assert date(2026, 1, 6) in public_holidays("BY", 2026)  # Heilige Drei Könige
    assert date(2026, 1, 6) not in public_holidays("NW", 2026)
    assert [custom.custom for custom in usual_customs("BY")] == ["heiligabend", "silvester"]
    assert len(public_holidays(None, 2026)) == 9  # those of all Germany


@pytest.mark.parametrize(
    ("ars", "region"),
    [("053700004004", "NW"), ("091620000000", "BY"), ("160510000000", "TH"), ("99", None), ("", None)],
)
def test_the_key_of_a_municipality_names_its_state(ars: str, region: str | None) -> None:
    assert region_of(ars) == region


# First and last day of each, as the state has published them.
SCHOOL = {
    2026: [("01-01", "01-06"), ("03-30", "04-11"), ("05-26", "05-26"), ("07-20", "09-01"), ("10-17", "10-31"),
           ("12-23", "12-31")],
    2027: [("01-01", "01-06"), ("03-22", "04-03"), ("05-18", "05-18"), ("07-19", "08-31"), ("10-23", "11-06"),
           ("12-24", "12-31")],
    2028: [("01-01", "01-08"), ("04-10", "04-22"), ("07-10", "08-22"), ("10-23", "11-04"), ("12-21", "12-31")],
}  # fmt: skip


@pytest.mark.parametrize("year", SCHOOL)
def test_school_holidays_of_nrw(year: int) -> None:
    expected = {
        date.fromordinal(number)
        for first, last in SCHOOL[year]
        for number in range(
            date.fromisoformat(f"{year}-{first}").toordinal(), date.fromisoformat(f"{year}-{last}").toordinal() + 1
        )
    }
    assert school_holidays("NW", year) == expected


def test_school_holidays_that_nobody_has_fixed_yet_are_none() -> None:
    assert school_holidays("NW", 2060) == frozenset()
    assert school_holidays(None, 2026) == frozenset()

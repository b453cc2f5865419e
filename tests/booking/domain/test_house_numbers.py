import pytest

from booking.domain.house_numbers import HouseNumber, after, parse_house_number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12", (12, "")),
        (" 12a", (12, "a")),
        ("12 A", (12, "a")),
        ("12-14", (12, "")),
        ("12a-c", (12, "a")),
        ("7 1/2", (7, "")),
        ("007", (7, "")),
        ("", None),
        ("a12", None),
        ("0", None),
        ("12abc", None),
        ("12345", None),
        ("١٢", None),
    ],
)
def test_reading(written: str, number: tuple[int, str] | None) -> None:
    assert parse_house_number(written) == number


def test_order_along_the_street() -> None:
    written = ["13", "12b", "2", "12", "12a", "112"]
    numbers = sorted(number for text in written if (number := parse_house_number(text)))
    assert [f"{number.number}{number.suffix}" for number in numbers] == ["2", "12", "12a", "12b", "13", "112"]


def test_a_range_to_18_takes_18a_with_it_and_one_to_18a_no_18b() -> None:
    assert HouseNumber(18, "a") < after(HouseNumber(18)) == HouseNumber(19)
    assert HouseNumber(18, "a") < after(HouseNumber(18, "a")) <= HouseNumber(18, "b")

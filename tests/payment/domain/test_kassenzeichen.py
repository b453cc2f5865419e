import pytest
from hypothesis import given
from hypothesis import strategies as some

from payment.domain.kassenzeichen import TemplateInvalid, check_digit, check_template, is_valid, make

TEMPLATE = "HS-{year}-{number:07}-{check}"
numbers = some.integers(min_value=1, max_value=9_999_999)


def test_the_check_digit_is_the_standards() -> None:
    """ISO/IEC 7064, example of MOD 11,10: 0794 has 5. The German tax id 86095742719 ends in its own."""
    assert check_digit("0794") == 5
    assert check_digit("8609574271") == 9


@given(numbers)
def test_what_is_made_is_valid(number: int) -> None:
    assert is_valid(make(TEMPLATE, year=2026, number=number))


@given(numbers, some.integers(min_value=0, max_value=11), some.integers(min_value=1, max_value=9))
def test_one_wrong_digit_is_found(number: int, place: int, shift: int) -> None:
    reference = make(TEMPLATE, year=2026, number=number)
    digits = [index for index, character in enumerate(reference) if character.isdigit()]
    index = digits[place]
    wrong = str((int(reference[index]) + shift) % 10)
    assert not is_valid(reference[:index] + wrong + reference[index + 1 :])


@given(numbers, numbers)
def test_two_numbers_make_two_references(one: int, other: int) -> None:
    made = {make(TEMPLATE, year=2026, number=number) for number in (one, other)}
    assert len(made) == len({one, other})


@pytest.mark.parametrize(
    "template",
    ["HS-{year}-{check}", "{number}", "hs-{number}-{check}", "{check}{number}", "{number.__class__}{check}", "A" * 30],
)
def test_a_template_that_could_not_be_unique_is_refused(template: str) -> None:
    with pytest.raises(TemplateInvalid):
        check_template(template)


def test_templates_of_other_towns() -> None:
    assert make(check_template("{number:010}{check}"), year=2026, number=42).startswith("0000000042")

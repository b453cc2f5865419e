import pytest

from kit.rates import Rate, Rates, parse_rate


def test_a_burst_then_a_steady_pace() -> None:
    rates = Rates(Rate(60, 3))
    assert [rates.take("a", 100.0) for _ in range(4)] == [0, 0, 0, 1]
    assert rates.take("b", 100.0) == 0  # nobody pays for another
    assert [rates.take("a", 101.0) for _ in range(2)] == [0, 1]
    assert rates.take("a", 101.25) == 0.75
    assert [rates.take("a", 110.0) for _ in range(4)] == [0, 0, 0, 1]  # no more than the burst was saved up


def test_memory_is_bounded_and_the_busy_are_remembered() -> None:
    rates = Rates(Rate(60, 1), keys_max=100)
    for number in range(100):
        rates.take(f"quiet {number}", 0.0)
    rates.take("busy", 0.5)
    for number in range(1000):
        rates.take(f"later {number}", 1.0 + number / 10_000)
        assert len(rates._full_at) <= 100
    rates = Rates(Rate(60, 1), keys_max=100)
    for number in range(100):
        rates.take(f"quiet {number}", 0.0)
    rates.take("busy", 10.0)
    assert (rates.take("busy", 10.0), len(rates._full_at)) == (1, 1)


@pytest.mark.parametrize("text", ["", "x", "5", "5/", "/5", "0/5", "5/0", "-1/5"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="PER_MINUTE/BURST"):
        parse_rate(text)


def test_a_rate_can_be_off() -> None:
    assert (parse_rate("off"), parse_rate("120/60")) == (None, Rate(120, 60))

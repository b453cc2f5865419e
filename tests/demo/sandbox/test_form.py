"""Stripe's bracketed form bodies, and what the sandbox says to wrong ones."""

import pytest

from demo.sandbox.form import decode_form
from demo.sandbox.stripe_requests import ListRefunds, Malformed, NewSession, read

GOOD = (
    "mode=payment&success_url=https%3A%2F%2Fa.example%2F&line_items[0][quantity]=1"
    "&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=4600"
    "&line_items[0][price_data][product_data][name]=Geb%C3%BChr"
)


def test_brackets_become_dictionaries_and_lists() -> None:
    assert decode_form("a=1&b[c][d]=2&b[c][e]=%C3%BC&f[1]=y&f[0]=x&g[]=p&g[]=q&h=") == {
        "a": "1",
        "b": {"c": {"d": "2", "e": "ü"}},
        "f": ["x", "y"],
        "g": ["p", "q"],
        "h": "",
    }


def test_a_session_as_the_package_sends_it() -> None:
    session = read(GOOD, NewSession)
    assert session.line_items[0].price_data.unit_amount == "4600"
    assert session.line_items[0].price_data.product_data.name == "Gebühr"


@pytest.mark.parametrize(
    ("content", "code", "param"),
    [
        ("", "parameter_missing", "mode"),
        (GOOD + "&payment_method_types[0]=card", "parameter_unknown", "payment_method_types"),
        (GOOD + "&payment_intent_data[colour]=red", "parameter_unknown", "payment_intent_data[colour]"),
        (GOOD + "&line_items[0][quantity]=0", "parameter_invalid", "line_items[0][quantity]"),
        (GOOD.replace("4600", "46.00"), "parameter_invalid", "line_items[0][price_data][unit_amount]"),
        (GOOD.replace("4600", "-1"), "parameter_invalid", "line_items[0][price_data][unit_amount]"),
        (GOOD.replace("=eur", "=EUR"), "parameter_invalid", "line_items[0][price_data][currency]"),
        (GOOD + "&mode[x]=1", "parameter_invalid", "mode"),
        (GOOD + "&line_items=1", "parameter_invalid", "line_items"),
    ],
)
def test_what_is_wrong_is_named(content: str, code: str, param: str) -> None:
    with pytest.raises(Malformed) as bad:
        read(content, NewSession)
    assert (bad.value.code, bad.value.param) == (code, param)


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
def test_limits(limit: str) -> None:
    assert read("payment_intent=pi_1&limit=100", ListRefunds).limit == "100"
    with pytest.raises(Malformed):
        read(f"payment_intent=pi_1&limit={limit}", ListRefunds)

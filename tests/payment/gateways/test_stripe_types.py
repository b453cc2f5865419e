"""Every request of the contract suite is checked by `CheckedClient`; here the check itself is."""

import msgspec
import pytest
from tests.payment.gateways.conftest import Maker, order
from tests.support.stripe_types import CheckedClient, check

SESSION = "https://api.stripe.com/v1/checkout/sessions"
GOOD = "mode=payment&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur&expires_at=1800000000"


def test_what_stripe_types_passes() -> None:
    read = check("POST", SESSION, GOOD)
    assert (read.mode, read.line_items[0].quantity, read.expires_at) == ("payment", 1, 1_800_000_000)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ("&payment_method_types[0]=card", "payment_method_types"),  # gone with 2026's versions
        ("&line_items[0][prize]=1", "prize"),
        ("&payment_intent_data[capture_method]=later", "capture_method"),
        ("&ui_mode=hosted", "ui_mode"),
        ("&expires_at=soon", "expires_at"),
        ("&line_items[1][price_data][product_data][description]=x", "name"),
    ],
)
def test_what_stripe_does_not_type_is_refused(more: str, word: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=word):
        check("POST", SESSION, GOOD + more)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "payment_intents/pi_12345/capture", "amount_to_capture=46.5"),
        ("POST", "payment_intents/pi_12345/cancel", "cancellation_reason=because"),
        ("POST", "refunds", "payment_intent=pi_1&amount=100&reason=goodwill"),
        ("GET", "refunds?payment_intent=pi_1&limit=many", ""),
        ("GET", "checkout/sessions/cs_test_1?expends[0]=payment_intent", ""),
    ],
)
def test_each_call_has_its_own_type(method: str, path: str, body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        check(method, f"https://api.stripe.com/v1/{path}", body)


def test_an_unknown_call_has_no_type() -> None:
    with pytest.raises(KeyError):
        check("POST", "https://api.stripe.com/v1/charges", "")


async def test_the_suite_is_checked(maker: Maker) -> None:
    """A body that Stripe does not type never leaves the house."""
    gateway = maker.stripe()
    assert isinstance(maker.stripe_clients[-1], CheckedClient)
    with pytest.raises(msgspec.ValidationError, match="locale"):
        await gateway.open_session(order(language="tlh"))

"""The sandbox's Stripe against the `stripe` package's own types: nothing that Stripe itself does not have."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
import pytest
import stripe
from stripe._encode import _api_encode
from stripe.params import (
    BalanceTransactionListParams,
    PaymentIntentCancelParams,
    PaymentIntentCaptureParams,
    PayoutListParams,
    RefundCreateParams,
    RefundListParams,
)
from stripe.params.checkout import (
    SessionCreateParams,
    SessionCreateParamsLineItem,
    SessionCreateParamsLineItemPriceData,
    SessionCreateParamsLineItemPriceDataProductData,
    SessionCreateParamsPaymentIntentData,
)

from contracts.money import Money
from demo.sandbox import stripe_requests as requests
from demo.sandbox import stripe_shapes as shapes
from demo.sandbox.sale import Refund, Sale
from payment.gateways.gateway import OpenSession
from payment.gateways.stripe_answers import session_params

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (requests.NewSession, SessionCreateParams),
        (requests.IntentData, SessionCreateParamsPaymentIntentData),
        (requests.LineItem, SessionCreateParamsLineItem),
        (requests.PriceData, SessionCreateParamsLineItemPriceData),
        (requests.ProductData, SessionCreateParamsLineItemPriceDataProductData),
        (requests.CaptureIntent, PaymentIntentCaptureParams),
        (requests.CancelIntent, PaymentIntentCancelParams),
        (requests.NewRefund, RefundCreateParams),
        (requests.ListRefunds, RefundListParams),
        (requests.ListMovements, BalanceTransactionListParams),
        (requests.ListPayouts, PayoutListParams),
    ],
)
def test_parameters_exist_at_stripe(ours: type[msgspec.Struct], theirs: type) -> None:
    names = set(ours.__struct_fields__) - {"expand"}
    assert names <= set(theirs.__annotations__)


def paid() -> Sale:
    return Sale(
        id="cs_test_1",
        provider="stripe",
        tenant="heinsberg",
        reference="H-1",
        amount_cents=4600,
        currency="EUR",
        manual=True,
        success_url="https://a.example/",
        cancel_url="",
        language="de",
        created_at=NOW,
        updated_at=NOW,
        state="paid",
        intent_id="pi_1",
        charge_id="ch_1",
        authorised_at=NOW,
        captured_at=NOW,
        captured_cents=4600,
        refunds=[Refund(id="re_1", amount_cents=100, created_at=NOW, state="failed")],
    )


@pytest.mark.parametrize(
    ("shape", "type_"),
    [
        (shapes.session(paid(), "https://pay.example/", NOW), stripe.checkout.Session),
        (shapes.intent(paid(), NOW), stripe.PaymentIntent),
        (shapes.charge(paid()), stripe.Charge),
        (shapes.refund(paid(), paid().refunds[0]), stripe.Refund),
        (shapes.event("refund.created", {}, NOW, lambda prefix, _: prefix), stripe.Event),
    ],
)
def test_fields_exist_at_stripe(shape: dict[str, object], type_: type) -> None:
    assert set(shape) <= {name for base in type_.__mro__ for name in getattr(base, "__annotations__", {})}


def test_the_production_gateway_sends_what_the_package_types() -> None:
    sent = session_params(
        OpenSession(
            attempt_id="1",
            key="k",
            amount=Money(4600),
            capture="manual",
            reference="H-1",
            success_url="https://a.example/",
            cancel_url="https://a.example/",
            expires_at=NOW,
            requested_at=NOW,
        )
    )
    assert set(sent) <= set(SessionCreateParams.__annotations__)
    content = urlencode(list(_api_encode(sent)))
    assert requests.read(content, requests.NewSession).payment_intent_data.capture_method == "manual"

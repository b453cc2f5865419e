"""Between XBezahldienste's words and ours: amounts, positions, and the four words for how it stands."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args
from uuid import uuid4

import msgspec
import pytest
from tests.payment.support.transactions import asked, item

from contracts.payment import PaymentState
from payment.domain.attempt import Attempt, Card
from payment.domain.errors import SumDiffers
from payment.domain.payment import Payment
from payment.domain.transaction import STATUS_OF, order_of, transaction_of
from payment.domain.xbezahldienste import (
    NotWholeCents,
    PaymentInformation,
    TransactionRequest,
    from_timestamp,
    to_amount,
    to_cents,
    to_timestamp,
)

NOW = datetime(2026, 11, 20, 9, 30, 0, 123_456, tzinfo=UTC)


def request(**changes: Any) -> TransactionRequest:
    exact = msgspec.json.Decoder(float_hook=Decimal).decode(msgspec.json.encode(asked(**changes)))
    return msgspec.convert(exact, TransactionRequest)


@pytest.mark.parametrize(
    ("text", "cents"), [("0", 0), ("0.1", 10), ("30.00", 3000), ("999999", 99_999_900), ("1E+2", 10_000)]
)
def test_decimals_become_cents_and_back(text: str, cents: int) -> None:
    assert to_cents(Decimal(text)) == cents
    assert to_amount(cents) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["-0.01", "0.001", "999999.01", "NaN", "Infinity", "1E+999999", "1E-999999", "1." + "0" * 60 + "1"]
)
def test_nothing_is_rounded(text: str) -> None:
    with pytest.raises(NotWholeCents):
        to_cents(Decimal(text))


def test_timestamps_have_milliseconds_and_end_in_z() -> None:
    assert to_timestamp(NOW) == "2026-11-20T09:30:00.123Z"
    assert from_timestamp("2026-11-20T09:30:00.123Z") == NOW.replace(microsecond=123_000)


@pytest.mark.parametrize(
    ("position", "shown"),
    [
        (item(), (2, 1500)),
        (item(singleNetAmount=None, singleTaxAmount=None), (2, 1500)),
        (item(quantity=7, singleNetAmount=3.603, singleTaxAmount=0.683), (1, 3000)),  # 30.00 in seven parts
        (item(quantity=2, singleNetAmount=12.604, singleTaxAmount=2.39), (1, 3000)),  # the price of one is rounded
        (item(quantity=1000, singleNetAmount=None, singleTaxAmount=None), (1, 3000)),
    ],
)
def test_a_position_that_does_not_divide_counts_as_one(position: dict[str, Any], shown: tuple[int, int]) -> None:
    [made] = order_of(request(items=[position]), ()).items
    assert (made.quantity, made.amount_cents) == shown


@pytest.mark.parametrize(("net", "fits"), [(12.615, True), (12.625, False)])
def test_the_price_of_one_may_be_off_by_its_rounding(net: float, *, fits: bool) -> None:
    wanted = request(items=[item(singleNetAmount=net)])
    if fits:
        assert order_of(wanted, ())
    else:
        with pytest.raises(SumDiffers):
            order_of(wanted, ())


def test_many_small_amounts_add_up_exactly() -> None:
    dime = item(quantity=1, totalNetAmount=0.1, totalTaxAmount=0, singleNetAmount=None, singleTaxAmount=None)
    made = order_of(request(items=[dime] * 3, grosAmount=0.3), ())
    assert sum(position.amount_cents for position in made.items) == 30


def test_every_state_has_a_word() -> None:
    assert set(STATUS_OF) == set(get_args(PaymentState))


def seen(state: PaymentState, refunded_cents: int = 0) -> PaymentInformation:
    payment = Payment(
        id=uuid4(),
        tenant="heinsberg",
        state=state,
        version=1,
        reference="r",
        treasury_reference="HS-1",
        description="d",
        amount_cents=3000,
        refunded_cents=refunded_cents,
        currency="EUR",
        capture="automatic",
        language="de",
        return_url="https://portal.example/",
        expires_at=NOW,
        created_at=NOW,
    )
    settled = Attempt(
        id=uuid4(),
        tenant="heinsberg",
        payment_id=payment.id,
        state="paid",
        method="card",
        provider="stripe",
        card=Card("visa", "4242"),
        created_at=NOW,
    )
    return transaction_of(
        payment, request(), settled=settled, paid_at=NOW, own_url="https://own", checkout_url="https://checkout"
    ).payment_information


def test_what_is_told_once_it_is_paid() -> None:
    paid = seen("paid")
    assert (paid.status, paid.payment_method, paid.payment_method_detail) == ("PAYED", "CREDITCARD", "visa")
    assert (paid.transaction_timestamp, paid.transaction_redirect_url) == ("2026-11-20T09:30:00.123Z", None)
    assert [seen("paid", cents).status_detail for cents in (0, 100, 3000)] == [None, "partly-refunded", "refunded"]


@pytest.mark.parametrize("state", ["created", "pending", "expiring", "review"])
def test_while_it_is_open_there_is_a_page_and_no_method(state: PaymentState) -> None:
    """In review, too: money may be there, and nobody is to be asked for it again."""
    open_ = seen(state)
    assert (open_.status, open_.transaction_redirect_url) == ("INITIAL", "https://checkout")
    assert (open_.payment_method, open_.transaction_timestamp) == (None, None)

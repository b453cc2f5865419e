"""Payment's messages as both sides read them. A change here breaks a caller that is not updated on the same day."""

import msgspec
import pytest
from tests.contracts.reading import GOLDEN

from contracts.payment import NewPayment, NewRefund, PaymentEvent, PaymentView
from payment.web.requests import PaymentRequest, RefundRequest


def golden(name: str) -> bytes:
    return (GOLDEN / f"payment_{name}.json").read_bytes()


@pytest.mark.parametrize(
    ("name", "type_"),
    [("created", PaymentView), ("event", PaymentEvent), ("new", NewPayment), ("refund", NewRefund)],
)
def test_what_is_read_is_written_again_alike(name: str, type_: type[msgspec.Struct]) -> None:
    read = msgspec.json.decode(golden(name), type=type_)
    assert msgspec.json.decode(msgspec.json.encode(read)) == msgspec.json.decode(golden(name))


def test_readers_of_events_tolerate_what_they_do_not_know() -> None:
    newer = msgspec.json.decode(golden("event")) | {"since_then": "a new field"}
    assert msgspec.convert(newer, PaymentEvent, strict=False).type == "payment.authorised"


def test_the_service_takes_what_the_contract_makes() -> None:
    request = msgspec.json.decode(golden("new"), type=PaymentRequest)
    assert request.to_order() == msgspec.json.decode(golden("new"), type=NewPayment)
    refund = msgspec.json.decode(golden("refund"), type=RefundRequest)
    assert refund.amount_cents == msgspec.json.decode(golden("refund"), type=NewRefund).amount_cents


def test_the_strict_bodies_have_the_contracts_fields() -> None:
    for strict, contract in ((PaymentRequest, NewPayment), (RefundRequest, NewRefund)):
        assert strict.__struct_fields__ == contract.__struct_fields__
        with pytest.raises(msgspec.ValidationError, match="unknown field"):
            msgspec.json.decode(b'{"surprise": 1}', type=strict)

"""The contract suite once more, with PayPal's own specification in between: nobody says what it does not allow.

A few tests of it in each run of the tests, all of it by `make soak`.
"""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from tests.payment.gateways import test_contract as suite
from tests.payment.gateways import test_contract_of_all as of_all
from tests.payment.gateways import test_disputes as disputes
from tests.payment.gateways.conftest import Maker, order
from tests.support.prism import Judge, judging, why_not
from tests.support.sandbox import Sandbox

from payment.gateways.paypal import PayPalGateway
from payment.gateways.paypal_answers import order_body

# The specifications lie beside the project, not in it: who has only the project is told so.
pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())  # PayPal's files may not be copied into the project

NOT_OF_PAYPAL = {
    "test_stripe_tells_why_a_card_was_declined",
    "test_what_it_cannot_do_it_refuses_by_name",
    "test_payment_knows_who_can_do_what",
}
IN_EACH_RUN = {
    "test_paid_at_once",
    "test_reserved_first_captured_later",
    "test_voided",
    "test_paypal_declines_when_the_money_is_taken",
    "test_what_was_refunded_still_counts_as_paid",
    "test_decided",
}
PATIENCE_S = 60
"""Prism compiles a schema when it first meets it."""

_suite = {
    name: test for name, test in (vars(suite) | vars(of_all) | vars(disputes)).items() if name.startswith("test_")
}
_chosen = set(_suite) - NOT_OF_PAYPAL if "SOAK_EXAMPLES" in os.environ else IN_EACH_RUN
globals().update({name: _suite[name] for name in sorted(_chosen)})


class JudgedMaker(Maker):
    def paypal(self, **options: Any) -> PayPalGateway:
        return super().paypal(**{"timeout_s": PATIENCE_S} | options)


@pytest.fixture(scope="module")
def _judge(_servers: tuple[Sandbox, object]) -> Iterator[Judge]:
    with judging(_servers[0].url) as judge:
        yield judge


@pytest.fixture
def judge(_judge: Judge) -> Iterator[Judge]:
    """Each test answers for its own calls."""
    _judge.objections.clear()
    yield _judge
    assert not _judge.objections, "\n".join(str(objection) for objection in _judge.objections)


@pytest.fixture
def provider() -> str:
    return "paypal"


side = of_all.side


@pytest.fixture
async def maker(sandbox: Sandbox, judge: Judge) -> AsyncIterator[Maker]:
    maker = JudgedMaker(sandbox, paypal_url=judge.url)
    yield maker
    await maker.close()


@pytest.mark.parametrize(
    ("field", "value"), [("intent", "STEAL"), ("purchase_units", []), ("payment_source", {"paypal": "me"})]
)
async def test_the_judge_does_judge(judge: Judge, field: str, value: object) -> None:
    body = order_body(order()) | {field: value}
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        headers = {"Authorization": "Bearer A", "Content-Type": "application/json"}
        answer = await http.post(f"{judge.url}/v2/checkout/orders", json=_plain(body), headers=headers)
    assert answer.status_code == 422
    (objection,) = judge.objections
    assert field in objection.reason
    judge.objections.clear()


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    unit = {"amount": {"currency_code": "EUR", "value": "46.00"}}
    return {**body, "purchase_units": [unit] if body["purchase_units"] else []}

"""A tenant's choice of methods, and a provider that neither reserves nor ends what was begun."""

from typing import Any

import msgspec
import pytest
from tests.payment.support.house import Clock, accounts, once, start, state_of
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.transactions import configure_accounts

from contracts.payment import NewRefund
from kit.sql import Pool
from payment.domain.errors import BegunElsewhere, ProviderRefused
from payment.gateways.xbezahldienste_client import Bearer, XBezahldiensteAccount
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.configure import ConfigureError, TenantAccounts
from payment.usecases.expire_payments import expire_payments
from payment.usecases.request_refund import request_refund
from payment.usecases.show_checkout import show_checkout
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.tools import Tools

ACCOUNT = XBezahldiensteAccount(
    url="https://epay.example/api", originator_id="o", end_point_id="e", authentication=Bearer(token="t")
)


def with_third(**changes: Any) -> TenantAccounts:
    return msgspec.structs.replace(accounts(), xbezahldienste=ACCOUNT, **changes)


@pytest.fixture
async def third(house: Pool) -> None:
    """The town has all three providers."""
    await configure_accounts(house, with_third())


async def test_without_a_choice_every_account_serves_its_own_method(tools: Tools, third: None) -> None:
    payment = await start(tools)
    assert (await show_checkout(tools, "heinsberg", payment.id)).methods == ["card", "paypal", "xbezahldienste"]


async def test_only_what_the_tenant_chose_is_offered(tools: Tools, house: Pool) -> None:
    await configure_accounts(house, with_third(methods={"xbezahldienste": "xbezahldienste"}))
    payment = await start(tools)
    assert (await show_checkout(tools, "heinsberg", payment.id)).methods == ["xbezahldienste"]
    with pytest.raises(ProviderRefused):
        await choose_method(tools, "heinsberg", payment.id, "card")
    assert await state_of(house, payment.id) == "created"


async def test_what_reserves_nothing_is_not_offered_where_money_is_reserved(tools: Tools, third: None) -> None:
    payment = await start(tools, capture="manual")
    assert (await show_checkout(tools, "heinsberg", payment.id)).methods == ["card", "paypal"]
    with pytest.raises(ProviderRefused):
        await choose_method(tools, "heinsberg", payment.id, "xbezahldienste")


async def test_another_choice_leaves_running_attempts_alone(
    tools: Tools, house: Pool, provider: MemoryProvider, clock: Clock
) -> None:
    payment = await start(tools)
    page = await choose_method(tools, "heinsberg", payment.id, "card")
    await configure_accounts(house, with_third(methods={"paypal": "paypal"}))
    assert await choose_method(tools, "heinsberg", payment.id, "card") == page
    provider.latest.pay()
    clock.pass_by(minutes=1)
    await sweep_attempts(tools)
    assert await state_of(house, payment.id) == "paid"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"methods": {"card": "paypal"}}, "heinsberg: methods.card: paypal cannot serve it; stripe can"),
        ({"methods": {"card": "stripe"}, "stripe": None}, r"methods.card: there is no \[accounts.stripe\]"),
        ({"xbezahldienste": msgspec.structs.replace(ACCOUNT, url="http://epay.example")}, "xbezahldienste.url"),
        ({"xbezahldienste": msgspec.structs.replace(ACCOUNT, authority="x")}, "xbezahldienste.authority"),
    ],
)
async def test_a_wrong_choice_is_named(house: Pool, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigureError, match=named):
        await configure_accounts(house, msgspec.structs.replace(with_third(), **changes))


async def test_the_next_method_waits_for_the_one_that_nobody_can_end(
    tools: Tools, house: Pool, third: None, provider: MemoryProvider
) -> None:
    payment = await start(tools)
    page = await choose_method(tools, "heinsberg", payment.id, "xbezahldienste")
    with pytest.raises(BegunElsewhere):
        await choose_method(tools, "heinsberg", payment.id, "card")
    assert await choose_method(tools, "heinsberg", payment.id, "xbezahldienste") == page
    provider.latest.status = "closed"  # the citizen cancels there
    assert await choose_method(tools, "heinsberg", payment.id, "card") != page
    assert len(provider.sessions) == 2


@pytest.mark.parametrize(("seen", "state"), [("closed", "expired"), ("paid", "paid")])
async def test_time_is_up_only_once_the_other_side_has_said_how_it_ended(
    tools: Tools, house: Pool, third: None, provider: MemoryProvider, clock: Clock, seen: str, state: str
) -> None:
    payment = await start(tools)
    await choose_method(tools, "heinsberg", payment.id, "xbezahldienste")
    provider.lose("close", times=3)  # `still_payable`: an outcome that is not known yet
    clock.pass_by(minutes=31)
    await expire_payments(tools)
    assert await state_of(house, payment.id) == "expiring"
    for _ in range(2):
        clock.pass_by(minutes=5)
        await sweep_attempts(tools)
    assert await state_of(house, payment.id) == "expiring"
    provider.latest.status = seen
    clock.pass_by(hours=1)
    await sweep_attempts(tools)
    assert await state_of(house, payment.id) == state


async def test_money_that_comes_after_the_cancellation_is_the_treasurys_to_send_back(
    tools: Tools, house: Pool, third: None, provider: MemoryProvider, clock: Clock
) -> None:
    payment = await start(tools)
    await choose_method(tools, "heinsberg", payment.id, "xbezahldienste")
    provider.lose("close")
    await cancel_payment(tools, "heinsberg", payment.id, once(), "key:test")
    provider.latest.status = "paid"
    provider.refuse("refund", "refund_not_offered")
    clock.pass_by(hours=1)
    await sweep_attempts(tools)
    await submit_refunds(tools)
    [refund] = await house.fetch("SELECT state, reason, amount_cents, failure FROM refund")
    assert tuple(refund) == ("failed", "late", 1500, "refund_not_offered")


async def test_a_refund_fails_and_says_why(
    tools: Tools, house: Pool, third: None, provider: MemoryProvider, clock: Clock
) -> None:
    payment = await start(tools)
    await choose_method(tools, "heinsberg", payment.id, "xbezahldienste")
    provider.latest.pay()
    clock.pass_by(minutes=1)
    await sweep_attempts(tools)
    provider.refuse("refund", "refund_not_offered")
    wanted = NewRefund(amount_cents=500, reason="reduced")
    await request_refund(tools, "heinsberg", payment.id, wanted, once(), actor="key:test")
    [refund] = await house.fetch("SELECT state, failure FROM refund")
    assert (refund["state"], refund["failure"]) == ("failed", "refund_not_offered")

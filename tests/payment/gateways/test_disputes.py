"""A payer calls the money back: both providers tell it, and both gateways read it alike."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.payment.gateways.conftest import Citizen, Order, order, pay
from tests.payment.gateways.receiving import received
from tests.support.sandbox import Receiver, Sandbox

from contracts.money import Money
from demo.sandbox.settlement import DISPUTE_FEES
from payment.gateways.gateway import DisputeView, Gateway, GatewayRefused

OPENED = {"stripe": "charge.dispute.created", "paypal": "CUSTOMER.DISPUTE.CREATED"}


async def act(sandbox: Sandbox, session_id: str, what: str) -> None:
    answer = await asyncio.to_thread(sandbox.http.post, f"/control/sales/{session_id}/{what}")
    assert answer.status_code == 200, answer.text


async def disputed(
    gateway: Gateway, citizen: Citizen, sandbox: Sandbox, receiver: Receiver, provider: str
) -> tuple[Order, str, DisputeView]:
    wanted = order()
    opened, view = await pay(gateway, citizen, wanted)
    await act(sandbox, opened.session_id, "dispute")
    webhook = await received(receiver, view.capture_id or "", OPENED[provider])
    event = await gateway.verify_webhook(webhook.headers, webhook.body)
    assert event.dispute_id == event.object_id
    assert event.refund_id is None
    dispute = await gateway.read_dispute(event.dispute_id or "")
    assert dispute.capture_id == view.capture_id
    return wanted, opened.session_id, dispute


async def test_opened(gateway: Gateway, citizen: Citizen, sandbox: Sandbox, receiver: Receiver, provider: str) -> None:
    wanted, _, dispute = await disputed(gateway, citizen, sandbox, receiver, provider)
    assert (dispute.status, dispute.amount) == ("opened", wanted.amount)
    assert dispute.respond_by
    assert dispute.respond_by > datetime.now(UTC)
    with pytest.raises(GatewayRefused, match="charge_disputed"):
        await gateway.refund(dispute.capture_id, Money(100), wanted.key_of("refund"))


@pytest.mark.parametrize(("what", "status"), [("win", "won"), ("lose", "lost")])
async def test_decided(
    gateway: Gateway, citizen: Citizen, sandbox: Sandbox, receiver: Receiver, provider: str, what: str, status: str
) -> None:
    wanted, session_id, dispute = await disputed(gateway, citizen, sandbox, receiver, provider)
    await act(sandbox, session_id, what)
    after = await gateway.read_dispute(dispute.dispute_id)
    assert (after.status, after.amount, after.opened_at) == (status, wanted.amount, dispute.opened_at)


async def test_lost_tells_what_was_taken_and_the_account_tells_the_same(
    gateway: Gateway, citizen: Citizen, sandbox: Sandbox, receiver: Receiver, provider: str
) -> None:
    wanted, session_id, dispute = await disputed(gateway, citizen, sandbox, receiver, provider)
    await act(sandbox, session_id, "lose")
    lost = await gateway.read_dispute(dispute.dispute_id)
    fee_cents = DISPUTE_FEES["stripe" if provider == "stripe" else "paypal"]
    assert lost.taken_cents in (None, wanted.amount.amount_cents)
    assert lost.fee_cents == fee_cents
    now = datetime.now(UTC)
    account = await gateway.read_movements(now - timedelta(days=1), now + timedelta(seconds=5))
    moved = [item for item in account.items if item.source_id == dispute.capture_id and item.kind != "payment"]
    assert [item.amount.amount_cents for item in moved if item.kind == "dispute"] == [-wanted.amount.amount_cents]
    told = [item.fee_cents - (item.amount.amount_cents if item.kind == "fee" else 0) for item in moved]
    assert sum(told) == fee_cents


async def test_unknown(gateway: Gateway, provider: str) -> None:
    """Named as each provider would."""
    with pytest.raises(GatewayRefused):
        await gateway.read_dispute("du_unknown" if provider == "stripe" else "PP-D-12345")

"""A provider that fails, hangs or dies: unknown outcomes are repeated with the same key and happen once."""

import asyncio

import pytest
from tests.payment.gateways.conftest import Citizen, Maker, order, pay
from tests.support.sandbox import Sandbox

from contracts.money import Money
from payment.gateways.gateway import Gateway, GatewayUnavailable

each_fault = pytest.mark.parametrize("fault", ["fail_before", "fail_after"])


@each_fault
async def test_open(gateway: Gateway, sandbox: Sandbox, fault: str) -> None:
    wanted = order()
    sandbox.set_faults(**{fault: 1})
    with pytest.raises(GatewayUnavailable):
        await gateway.open_session(wanted)
    assert len(sandbox.ledger(wanted.reference)) == (fault == "fail_after")
    opened = await gateway.open_session(wanted)
    [entry] = sandbox.ledger(wanted.reference)
    assert entry["session_id"] == opened.session_id


@each_fault
async def test_authorise(citizen: Citizen, maker: Maker, sandbox: Sandbox, fault: str) -> None:
    wanted, gateway = order(), maker.paypal()
    opened = await gateway.open_session(wanted)
    await citizen.press(opened, "pay")
    sandbox.set_faults(**{fault: 1})
    with pytest.raises(GatewayUnavailable):
        await gateway.authorise(opened.session_id, wanted.key_of("authorise"))
    view = await gateway.authorise(opened.session_id, wanted.key_of("authorise"))
    assert (view.status, view.amount) == ("paid", wanted.amount)
    assert [entry["captured_cents"] for entry in sandbox.ledger(wanted.reference)] == [4600]


@each_fault
async def test_capture(gateway: Gateway, citizen: Citizen, sandbox: Sandbox, fault: str) -> None:
    wanted = order("manual")
    _, view = await pay(gateway, citizen, wanted)
    sandbox.set_faults(**{fault: 1})
    with pytest.raises(GatewayUnavailable):
        await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture"))
    captured = await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture"))
    assert (captured.status, captured.amount) == ("paid", wanted.amount)
    assert captured.capture_id
    assert sandbox.ledger(wanted.reference)[0]["captured_cents"] == 4600


@each_fault
async def test_void(gateway: Gateway, citizen: Citizen, sandbox: Sandbox, fault: str) -> None:
    wanted = order("manual")
    _, view = await pay(gateway, citizen, wanted)
    sandbox.set_faults(**{fault: 1})
    with pytest.raises(GatewayUnavailable):
        await gateway.void(view.authorization_id or "", wanted.key_of("void"))
    assert (await gateway.void(view.authorization_id or "", wanted.key_of("void"))).status == "voided"
    assert sandbox.ledger(wanted.reference)[0]["state"] == "voided"


@each_fault
async def test_refund(gateway: Gateway, citizen: Citizen, sandbox: Sandbox, fault: str) -> None:
    wanted = order()
    _, view = await pay(gateway, citizen, wanted)
    sandbox.set_faults(**{fault: 2})
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            await gateway.refund(view.capture_id or "", Money(2300), wanted.key_of("refund"))
        if fault == "fail_after":
            break
    sandbox.set_faults()
    refund = await gateway.refund(view.capture_id or "", Money(2300), wanted.key_of("refund"))
    assert (refund.status, refund.amount) == ("succeeded", Money(2300))
    [entry] = sandbox.ledger(wanted.reference)
    assert (entry["refunded_cents"], entry["refunds"]) == (2300, 1)


@each_fault
async def test_close(gateway: Gateway, sandbox: Sandbox, fault: str) -> None:
    wanted = order()
    opened = await gateway.open_session(wanted)
    sandbox.set_faults(fail_reads=1, **{fault: 1})
    with pytest.raises(GatewayUnavailable):
        await gateway.close_session(opened.session_id, wanted.key_of("close"))
    sandbox.set_faults()
    assert (await gateway.close_session(opened.session_id, wanted.key_of("close"))).status == "closed"


@each_fault
async def test_a_killed_provider_remembers(gateway: Gateway, citizen: Citizen, sandbox: Sandbox, fault: str) -> None:
    wanted = order("manual")
    opened, view = await pay(gateway, citizen, wanted)
    if fault == "fail_after":
        sandbox.set_faults(fail_after=1)
        with pytest.raises(GatewayUnavailable):
            await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture"))
    sandbox.kill()
    with pytest.raises(GatewayUnavailable):
        await gateway.read_session(opened.session_id)
    sandbox.start()
    assert await gateway.open_session(wanted) == opened
    captured = await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture"))
    assert captured.status == "paid"
    [entry] = sandbox.ledger(wanted.reference)
    assert entry["captured_cents"] == 4600
    assert wanted.reference in await citizen.see(opened)


async def test_no_answer_in_time(provider: str, maker: Maker, sandbox: Sandbox) -> None:
    wanted = order()
    sandbox.set_faults(latency_ms=400)
    with pytest.raises(GatewayUnavailable):
        await maker.make(provider, timeout_s=0.2).open_session(wanted)
    sandbox.set_faults()
    await maker.make(provider).open_session(wanted)
    assert len(sandbox.ledger(wanted.reference)) == 1


async def test_a_revoked_token_is_replaced(maker: Maker, sandbox: Sandbox) -> None:
    gateway = maker.paypal()
    await gateway.open_session(order())
    await asyncio.to_thread(sandbox.http.post, "/control/reset")
    assert await gateway.open_session(order())

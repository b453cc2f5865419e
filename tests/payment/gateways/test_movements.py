"""What every gateway tells the treasury (payment.gateways.gateway): movements, fees, payouts."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.payment.gateways.conftest import Citizen, Maker, Order, order, pay
from tests.support.sandbox import Sandbox

from contracts.money import Money
from demo.sandbox.settlement import fee_cents
from payment.domain.movement import Movement
from payment.gateways.gateway import Gateway, GatewayUnavailable, Movements


async def read(gateway: Gateway, days: int = 1) -> Movements:
    now = datetime.now(UTC)
    return await gateway.read_movements(now - timedelta(days=days), now + timedelta(seconds=5))


def of(movements: Movements, source_id: str | None) -> list[Movement]:
    return [movement for movement in movements.items if movement.source_id == source_id]


async def paid_and_refunded(gateway: Gateway, citizen: Citizen) -> tuple[Order, str, str]:
    wanted = order()
    _, view = await pay(gateway, citizen, wanted)
    assert view.capture_id
    refund = await gateway.refund(view.capture_id, Money(600), f"ref_{wanted.attempt_id}:create")
    return wanted, view.capture_id, refund.refund_id


async def test_payment_and_refund_by_the_ids_of_the_ledger(gateway: Gateway, provider: str, citizen: Citizen) -> None:
    wanted, capture_id, refund_id = await paid_and_refunded(gateway, citizen)
    movements = await read(gateway)
    [payment] = of(movements, capture_id)
    fee = fee_cents("stripe" if provider == "stripe" else "paypal", 4600)
    assert (payment.kind, payment.amount, payment.fee_cents) == ("payment", Money(4600), fee)
    assert (payment.reference, payment.payout_id) == (wanted.reference, None)
    assert abs(payment.occurred_at - datetime.now(UTC)) < timedelta(minutes=1)
    [refund] = of(movements, refund_id)
    assert (refund.kind, refund.amount, refund.fee_cents) == ("refund", Money(-600), 0)


async def test_a_payout_is_a_movement_too_and_sums_up(
    gateway: Gateway, provider: str, citizen: Citizen, sandbox: Sandbox
) -> None:
    sandbox.http.post("/control/reset").raise_for_status()  # another test's dispute may weigh more than this payment
    _, capture_id, refund_id = await paid_and_refunded(gateway, citizen)
    [made] = sandbox.pay_out(provider=provider, tenant="heinsberg")
    movements = await read(gateway)
    [payout] = [payout for payout in movements.payouts if payout.id == made["id"]]
    assert (payout.amount, payout.status) == (Money(made["amount_cents"]), "paid")
    assert payout.arrives_on == datetime.now(UTC).date()
    [movement] = of(movements, payout.id)
    assert (movement.kind, movement.amount) == ("payout", Money(-made["amount_cents"]))
    parts = [item for item in movements.items if item.payout_id == payout.id]
    if payout.names_movements:
        assert {capture_id, refund_id} <= {part.source_id for part in parts}
        assert sum(part.amount.amount_cents - part.fee_cents for part in parts) == made["amount_cents"]
    else:
        assert parts == []
    assert sandbox.pay_out(provider=provider, tenant="heinsberg") == []


async def test_stripe_is_read_page_by_page(maker: Maker, citizen: Citizen) -> None:
    gateway = maker.stripe()
    for _ in range(3):
        await pay(gateway, citizen, order())
    everything, by_twos = await read(gateway), await read(maker.stripe(page_size=2))
    assert len(everything.items) >= 3
    assert by_twos.items == everything.items


async def test_paypal_is_asked_for_a_month_at_most(maker: Maker, citizen: Citizen) -> None:
    gateway = maker.paypal()
    _, view = await pay(gateway, citizen, order())
    assert len(of(await read(gateway, days=100), view.capture_id)) == 1


async def test_the_time_asked_for_is_kept_to(gateway: Gateway, citizen: Citizen) -> None:
    _, capture_id, _ = await paid_and_refunded(gateway, citizen)
    long_ago = datetime.now(UTC) - timedelta(days=3)
    movements = await gateway.read_movements(long_ago, long_ago + timedelta(days=1))
    assert of(movements, capture_id) == []


async def test_without_an_answer_nothing_is_known(gateway: Gateway, sandbox: Sandbox) -> None:
    sandbox.set_faults(fail_reads=3)
    with pytest.raises(GatewayUnavailable):
        await read(gateway)

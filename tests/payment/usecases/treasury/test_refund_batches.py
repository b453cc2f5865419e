"""Refunds due by rule without a standing order, released many at once by two persons; and those paid by hand."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.payment.support.disputing import dispute
from tests.payment.support.house import Clock, event_types, once
from tests.payment.support.paying import ledger, paid
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, states, the_refund, treasurer
from tests.payment.support.settling import T

from payment.domain.errors import Forbidden, IllegalMove, InvalidRequest, PaymentMissing, RefundExceedsCapture
from payment.domain.refund import REFUND_TRANSITIONS
from payment.usecases.refund_batches import BatchView, draw_up_batch, read_batches, read_tenants_refunds, release_batch
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.tools import Tools
from payment.usecases.transfer_refund import transfer_refund


@pytest.fixture(autouse=True)
async def no_standing_order(tools: Tools) -> None:
    await tools.pool.execute("UPDATE tenant SET standing_order = false")


async def draw_up(tools: Tools, clock: Clock, subject: str = "carla", ids: list[UUID] | None = None) -> BatchView:
    return await draw_up_batch(tools, treasurer(subject, clock), ids, once())


async def test_two_persons_release_many_at_once(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    for cents in (500, 600, 700):
        await ask(tools, await paid(tools, provider), cents, "cancelled_in_time")
    batch = await draw_up(tools, clock)
    assert [refund.amount_cents for refund in batch.refunds] == [500, 600, 700]
    assert (await states(tools.pool), provider.count("refund")) == (["requested"] * 3, 0)
    with pytest.raises(Forbidden):
        await release_batch(tools, treasurer("carla", clock), batch.batch.id, once())
    with pytest.raises(PaymentMissing):
        await release_batch(tools, treasurer("otto", clock, "erkelenz"), batch.batch.id, once())
    command = once()
    released = await release_batch(tools, treasurer("dirk", clock), batch.batch.id, command)
    assert (released.batch.created_by, released.batch.released_by) == ("staff:carla", "staff:dirk")
    assert {refund.state for refund in released.refunds} == {"approved"}
    assert released.refunds[0].approved_by == ["carla", "dirk"]
    assert await release_batch(tools, treasurer("dirk", clock), batch.batch.id, command) == released
    with pytest.raises(IllegalMove):
        await release_batch(tools, treasurer("eva", clock), batch.batch.id, once())
    assert await submit_refunds(tools) == 3
    assert await states(tools.pool) == ["succeeded"] * 3
    assert (await read_batches(tools, T, None))[0] == [released.batch]
    assert (await read_batches(tools, "erkelenz", None))[0] == []


async def test_a_disputed_refund_stays_out_and_holds_up_nobody_else(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    for cents in (500, 600):
        await ask(tools, await paid(tools, provider), cents, "reduced")
    batch = await draw_up(tools, clock)
    await dispute(tools, provider)
    released = await release_batch(tools, treasurer("dirk", clock), batch.batch.id, once())
    assert [(refund.amount_cents, refund.state) for refund in released.refunds] == [
        (500, "approved"),
        (600, "requested"),
    ]
    with pytest.raises(InvalidRequest):
        await draw_up(tools, clock, "eva")


async def test_a_batch_holds_what_this_person_may_release(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await paid(tools, provider)
    await ask(tools, id_, 500, "goodwill", actor="staff:carla")
    begun_by_carla = await the_refund(tools.pool)
    with pytest.raises(InvalidRequest):
        await draw_up(tools, clock)  # a person's refund is no rule's: it is named, or not in it
    with pytest.raises(Forbidden):
        await draw_up(tools, clock, ids=[begun_by_carla])
    with pytest.raises(PaymentMissing):
        await draw_up(tools, clock, ids=[uuid4()])
    [refund] = (await draw_up(tools, clock, "dirk", [begun_by_carla])).refunds
    assert refund.state == "approved"  # who began it was the first


async def test_a_batch_goes_whole_or_not_at_all(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    await ask(tools, await paid(tools, provider), 500, "reduced")
    good = await the_refund(tools.pool)
    with pytest.raises(PaymentMissing):
        await draw_up(tools, clock, ids=[good, uuid4()])
    assert await tools.pool.fetchval("SELECT count(*) FROM refund_approval") == 0
    again = await draw_up(tools, clock)
    with pytest.raises(InvalidRequest):
        await draw_up(tools, clock)  # carla has released all there is
    assert len(again.refunds) == 1


async def failed(tools: Tools, provider: MemoryProvider, cents: int = 1500) -> tuple[UUID, UUID]:
    await tools.pool.execute("UPDATE tenant SET standing_order = true")
    id_ = await paid(tools, provider)
    provider.refund_status = "failed"
    await ask(tools, id_, cents)
    return id_, await the_refund(tools.pool)


async def transfer(tools: Tools, clock: Clock, refund_id: UUID, reference: str = "Ü-17", **who: Any) -> Any:
    return await transfer_refund(tools, treasurer("carla", clock, **who), refund_id, reference, once())


async def test_what_the_provider_refuses_is_paid_by_hand(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    _, refund_id = await failed(tools, provider)
    [listed], _ = await read_tenants_refunds(tools, T, "failed", None)
    assert (listed.id, listed.failure, listed.transfer_due) == (refund_id, "failed", True)
    with pytest.raises(PaymentMissing):
        await transfer(tools, clock, refund_id, tenant="erkelenz")
    for reference in ("", " \n", "x" * 101):
        with pytest.raises(InvalidRequest):
            await transfer(tools, clock, refund_id, reference)
    done = await transfer(tools, clock, refund_id)
    assert (done.state, done.transfer_reference, done.failure) == ("transferred", "Ü-17", "failed")
    assert (await ledger(tools.pool))[1:] == [("manual_transfer", -1500)]
    assert (await event_types(tools.pool))[-1] == "payment.refunded"
    assert await tools.pool.fetchval("SELECT refunded_cents FROM payment") == 1500
    with pytest.raises(IllegalMove):
        await transfer(tools, clock, refund_id)


async def test_the_same_money_does_not_go_back_by_hand_and_by_the_provider(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    id_, refund_id = await failed(tools, provider)
    provider.refund_status = "succeeded"
    await ask(tools, id_, 1500)
    assert [refund.transfer_due for refund in (await read_tenants_refunds(tools, T, None, None))[0]] == [False, False]
    with pytest.raises(RefundExceedsCapture):
        await transfer(tools, clock, refund_id)
    assert await tools.pool.fetchval("SELECT sum(amount_cents) FROM ledger_entry") == 0


async def test_after_a_transfer_nothing_is_left_to_refund(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_, refund_id = await failed(tools, provider)
    await transfer(tools, clock, refund_id)
    with pytest.raises(RefundExceedsCapture):
        await ask(tools, id_, 1)


def test_every_state_of_a_refund_has_a_way_in() -> None:
    reached = {transition.target for transition in REFUND_TRANSITIONS}
    assert reached == {"requested", "approved", "submitted", "succeeded", "failed", "transferred"}
    ends = reached - {transition.source for transition in REFUND_TRANSITIONS}
    assert ends == {"transferred"}

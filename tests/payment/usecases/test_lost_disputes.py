"""A lost dispute gave the payer the money: whatever waited to go back as well ends, and nothing is stuck."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.payment.support.disputing import dispute, hear
from tests.payment.support.house import TENANT, Clock, once, start, state_of
from tests.payment.support.paying import authorised, paid, sync
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, states, the_refund, treasurer

from contracts.money import Money
from kit.sql import Pool
from payment.domain.errors import IllegalMove, PaymentDisputed, RefundExceedsCapture
from payment.usecases.choose_method import choose_method
from payment.usecases.decide_review import decide_review
from payment.usecases.list_disputes import list_disputes
from payment.usecases.read_disputes import read_disputes
from payment.usecases.read_receipt import read_receipt
from payment.usecases.refund_batches import read_tenants_refunds
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools
from payment.usecases.transfer_refund import transfer_refund


async def transfer(tools: Tools, clock: Clock) -> Any:
    id_ = await the_refund(tools.pool)  # type: ignore[attr-defined] # the tests' tools have the pool
    return await transfer_refund(tools, treasurer("dirk", clock), id_, "SEPA 1", once())


async def lose(tools: Tools, provider: MemoryProvider, cents: int = 1500) -> None:
    await dispute(tools, provider)
    provider.disputes["du_1"] = msgspec.structs.replace(provider.disputes["du_1"], status="lost", amount=Money(cents))
    await hear(tools)


async def in_review(tools: Tools, provider: MemoryProvider) -> UUID:
    """Somebody captured at the provider's own desk."""
    id_ = await authorised(tools, provider)
    provider.latest.status = "paid"
    await sync(tools, id_)
    return id_


async def decide(tools: Tools, id_: UUID, decision: Any) -> Any:
    return await decide_review(tools, TENANT, id_, decision, "looked at it", once(), subject="carla")


async def failures(pool: Pool) -> list[tuple[str, str | None, int]]:
    rows = await pool.fetch("SELECT state, failure, amount_cents FROM refund ORDER BY created_at, id")
    return [(row["state"], row["failure"], row["amount_cents"]) for row in rows]


@pytest.mark.parametrize("state", ["requested", "approved"])
async def test_waiting_refunds_end_and_no_provider_is_asked(
    tools: Any, provider: MemoryProvider, clock: Clock, state: str
) -> None:
    id_ = await paid(tools, provider)
    await ask(tools, id_, 500, "goodwill", "staff:carla")
    await tools.pool.execute("UPDATE refund SET state = $1", state)
    await lose(tools, provider)
    clock.pass_by(days=2)
    await submit_refunds(tools)
    assert (await failures(tools.pool), provider.count("refund")) == ([("failed", "dispute_lost", 500)], 0)
    assert await state_of(tools.pool, id_) == "paid"


async def test_nobody_pays_by_hand_what_is_disputed_or_lost(tools: Any, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await paid(tools, provider)
    provider.refuse("refund", "card_closed")
    await ask(tools, id_, 1500)
    await dispute(tools, provider)
    with pytest.raises(PaymentDisputed):
        await transfer(tools, clock)
    await lose(tools, provider)
    with pytest.raises(RefundExceedsCapture):
        await transfer(tools, clock)
    assert await states(tools.pool) == ["failed"]


async def test_what_was_not_lost_is_paid_by_hand(tools: Any, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await paid(tools, provider)
    await ask(tools, id_, 500, "goodwill", "staff:carla")
    await lose(tools, provider, cents=1000)
    assert (await transfer(tools, clock)).state == "transferred"


async def test_what_the_provider_says_was_taken_counts(tools: Any, provider: MemoryProvider, clock: Clock) -> None:
    """All is disputed, and a part is lost: of a refund of the rest the treasury's list says that it is due."""
    id_ = await paid(tools, provider)
    for cents in (500, 501):
        await ask(tools, id_, cents, "goodwill", "staff:carla")
    await dispute(tools, provider)
    provider.disputes["du_1"] = msgspec.structs.replace(provider.disputes["du_1"], status="lost", taken_cents=1000)
    await hear(tools)
    listed, _ = await read_tenants_refunds(tools, TENANT, None, None)
    assert [(refund.amount_cents, refund.transfer_due) for refund in listed] == [(500, True), (501, False)]


async def refused_as_disputed(tools: Any, provider: MemoryProvider) -> None:
    """The payer was faster than the webhook about it."""
    id_ = await paid(tools, provider)
    provider.refuse("refund", "charge_disputed")
    await ask(tools, id_, 1500)
    assert await states(tools.pool) == ["approved"]
    assert await submit_refunds(tools) == 0


async def test_a_dispute_that_the_provider_knew_first_is_waited_for(
    tools: Any, provider: MemoryProvider, clock: Clock
) -> None:
    await refused_as_disputed(tools, provider)
    await dispute(tools, provider)
    provider.forgive()
    clock.pass_by(minutes=1)
    await dispute(tools, provider, "won")
    assert await submit_refunds(tools) == 1
    assert await states(tools.pool) == ["succeeded"]


async def test_one_under_way_when_the_dispute_is_lost_ends_with_it(
    tools: Any, provider: MemoryProvider, clock: Clock
) -> None:
    id_ = await paid(tools, provider)
    provider.at("refund", lambda: lose(tools, provider))
    provider.refuse("refund", "charge_disputed")
    await ask(tools, id_, 1500)
    clock.pass_by(days=2)
    await submit_refunds(tools)
    assert (await failures(tools.pool), provider.count("refund")) == ([("failed", "dispute_lost", 1500)], 1)


async def test_a_dispute_that_nobody_ever_tells_of_is_for_a_person(
    tools: Any, provider: MemoryProvider, clock: Clock
) -> None:
    await refused_as_disputed(tools, provider)
    clock.pass_by(days=121)
    await submit_refunds(tools)
    assert await failures(tools.pool) == [("failed", "charge_disputed", 1500)]


async def test_in_review_it_leaves_nothing_to_give_back(tools: Any, provider: MemoryProvider) -> None:
    id_ = await in_review(tools, provider)
    await lose(tools, provider)
    with pytest.raises(IllegalMove):
        await decide(tools, id_, "give_back")
    assert (await decide(tools, id_, "close")).payment.state == "cancelled"
    assert await failures(tools.pool) == []


async def test_in_review_the_rest_is_for_the_treasury_to_transfer(
    tools: Any, provider: MemoryProvider, clock: Clock
) -> None:
    id_ = await in_review(tools, provider)
    await lose(tools, provider, cents=1000)
    await decide(tools, id_, "give_back")
    assert await failures(tools.pool) == [("failed", "dispute_lost", 500)]
    assert (await transfer(tools, clock)).state == "transferred"


async def test_a_duplicate_that_went_back_does_not_go_back_again(tools: Any, provider: MemoryProvider) -> None:
    """Two sessions, both taken by hand at the provider: the first came back as a duplicate, the second is reviewed."""
    payment = await start(tools, capture="manual")
    await choose_method(tools, TENANT, payment.id, "card")
    first = provider.latest
    await choose_method(tools, TENANT, payment.id, "paypal")
    provider.latest.pay()
    await sync(tools, payment.id)
    first.status = "paid"
    stray = await tools.pool.fetchval("SELECT id FROM attempt WHERE session_id = $1", first.id)
    await sync_attempt(tools, TENANT, stray, "provider")
    await submit_refunds(tools)
    assert await states(tools.pool) == ["succeeded"]
    provider.latest.status = "paid"
    await sync(tools, payment.id)
    assert (await decide(tools, payment.id, "accept")).payment.state == "paid"
    assert await states(tools.pool) == ["succeeded"]


async def test_two_readers_at_once_end_with_the_truth(tools: Any, provider: MemoryProvider, clock: Clock) -> None:
    """One has read that it is open; before it writes that down, another one reads that it is won."""
    await paid(tools, provider)
    await dispute(tools, provider)
    provider.at("read_dispute", lambda: dispute(tools, provider, "won"))
    await hear(tools)
    for _ in range(3):
        clock.pass_by(hours=1)
        await read_disputes(tools)
    assert [row.state for row in await list_disputes(tools, TENANT, None, None, 10)] == ["won"]
    assert await tools.pool.fetchval("SELECT count(*) FROM dispute_look") == 0


async def test_the_receipt_says_what_the_dispute_took(tools: Any, provider: MemoryProvider, clock: Clock) -> None:
    """And that it came back, should it be won after all. What it took beyond the rest is no debt on paper."""
    id_ = await paid(tools, provider)
    await ask(tools, id_, 500)
    await lose(tools, provider)
    lost = await read_receipt(tools, TENANT, id_)
    assert [(each.word, each.amount_cents) for each in lost.given_back] == [("refunded", 500), ("charged_back", 1500)]
    assert (lost.gone.amount_cents, lost.kept.amount_cents) == (1500, 0)
    clock.pass_by(minutes=1)
    await dispute(tools, provider, "won")
    won = await read_receipt(tools, TENANT, id_)
    assert (won.given_back[-1].word, won.given_back[-1].amount_cents) == ("charge_returned", -1500)
    assert won.kept.amount_cents == 1000

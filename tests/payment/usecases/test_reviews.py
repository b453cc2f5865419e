"""Out of review by a person's decision: each way to its end, with ledger, events and record."""

from typing import Any
from uuid import UUID

import pytest
from tests.payment.support.house import TENANT as T
from tests.payment.support.house import Clock, event_types, once, start, state_of
from tests.payment.support.paying import attempt_states, authorised, latest_attempt, ledger, sync
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import states, the_refund, treasurer

from contracts.money import Money
from contracts.payment import NewRefund
from payment.domain.errors import Forbidden, IllegalMove, InvalidRequest, PaymentMissing
from payment.usecases.approve_refund import approve_refund
from payment.usecases.choose_method import choose_method
from payment.usecases.decide_review import decide_review
from payment.usecases.look_at_review import list_reviews
from payment.usecases.request_refund import request_refund
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


async def differing(tools: Tools, provider: MemoryProvider, cents: int, **changes: Any) -> UUID:
    """Asked for 1500; the provider has another amount."""
    payment = await start(tools, **changes)
    await choose_method(tools, T, payment.id, "card")
    provider.latest.pay()
    provider.latest.amount = Money(cents)
    await sync(tools, payment.id)
    assert await state_of(tools.pool, payment.id) == "review"
    return payment.id


async def captured_elsewhere(tools: Tools, provider: MemoryProvider) -> UUID:
    id_ = await authorised(tools, provider)
    provider.latest.status = "paid"
    await sync(tools, id_)
    assert await state_of(tools.pool, id_) == "review"
    return id_


async def settle(tools: Tools, id_: UUID, decision: Any, subject: str = "carla", tenant: str = T) -> Any:
    return await decide_review(tools, tenant, id_, decision, "looked at it", once(), subject=subject)


async def test_what_came_in_is_accepted_as_paid(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await captured_elsewhere(tools, provider)
    answer = await settle(tools, id_, "accept")
    assert (answer.status, answer.payment.state) == (200, "paid")
    assert await ledger(tools.pool) == [("capture", 1500)]
    assert (await event_types(tools.pool))[-2:] == ["payment.review", "payment.paid"]
    row = await tools.pool.fetchrow("SELECT decision, note, subject, asked_cents, captured_cents FROM review_decision")
    assert tuple(row or ()) == ("accept", "looked at it", "carla", 1500, 1500)
    actor = await tools.pool.fetchval("SELECT actor FROM payment_event WHERE trigger = 'accept'")
    assert actor == "staff:carla"


async def test_another_amount_is_accepted_by_name_and_can_be_given_back(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await differing(tools, provider, 1400)
    with pytest.raises(IllegalMove, match="amount differs"):
        await settle(tools, id_, "accept")
    answer = await settle(tools, id_, "accept_amount")
    assert (answer.payment.state, answer.payment.amount) == ("paid", Money(1400))
    assert await tools.pool.fetchval("SELECT asked_cents FROM review_decision") == 1500
    await sync(tools, id_)
    assert await state_of(tools.pool, id_) == "paid"
    wanted = NewRefund(amount_cents=1400, reason="cancelled_by_office")
    refunded = await request_refund(tools, T, id_, wanted, once(), actor="key:test")
    assert refunded.payment.refunded == Money(1400)


@pytest.mark.parametrize("cents", [1400, 1600])
async def test_what_came_in_goes_back_by_two_persons(
    tools: Tools, provider: MemoryProvider, clock: Clock, cents: int
) -> None:
    id_ = await differing(tools, provider, cents)
    answer = await settle(tools, id_, "give_back")
    assert answer.payment.state == "cancelled"
    assert (await event_types(tools.pool))[-1] == "payment.cancelled"
    assert await states(tools.pool) == ["requested"]
    refund = await the_refund(tools.pool)
    with pytest.raises(Forbidden):
        await approve_refund(tools, refund, treasurer("carla", clock), once())
    assert (await approve_refund(tools, refund, treasurer("dirk", clock), once())).state == "succeeded"
    assert await ledger(tools.pool) == [("capture", cents), ("refund", -cents)]
    assert await state_of(tools.pool, id_) == "cancelled"


@pytest.mark.parametrize("differs", [{"amount": Money(1500, "USD")}, {"reference": "HS-2"}], ids=str)
async def test_what_came_in_and_is_never_booked_is_returned_by_hand(
    tools: Tools, provider: MemoryProvider, differs: dict[str, Any]
) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.latest.pay()
    vars(provider.latest).update(differs)
    await sync(tools, payment.id)
    with pytest.raises(IllegalMove, match="money captured"):
        await settle(tools, payment.id, "close")
    answer = await settle(tools, payment.id, "returned")
    assert (answer.payment.state, await ledger(tools.pool), await states(tools.pool)) == ("cancelled", [], [])
    assert await tools.pool.fetchval("SELECT decision FROM review_decision") == "returned"


async def test_reserved_by_mistake_is_taken(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.latest.status = "authorised"
    await sync(tools, payment.id)
    assert await tools.pool.fetchval("SELECT review_cause FROM payment") == "authorised_unasked"
    answer = await settle(tools, payment.id, "take")
    assert (answer.payment.state, provider.count("capture")) == ("paid", 1)
    assert await ledger(tools.pool) == [("capture", 1500)]


async def test_a_wrong_reservation_is_released(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await differing(tools, provider, 1400, capture="manual")
    with pytest.raises(IllegalMove):
        await settle(tools, id_, "take")
    answer = await settle(tools, id_, "release")
    assert answer.payment.state == "cancelled"
    assert provider.latest.status == "closed"
    assert await ledger(tools.pool) == []
    assert (await event_types(tools.pool))[-1] == "payment.cancelled"


async def test_a_release_without_an_answer_goes_on_by_itself(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    id_ = await differing(tools, provider, 1400, capture="manual")
    provider.lose("void")
    assert (await settle(tools, id_, "release")).status == 202
    clock.pass_by(minutes=2)
    await sync(tools, id_)
    assert await state_of(tools.pool, id_) == "cancelled"


async def test_what_is_over_at_the_provider_is_closed(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await differing(tools, provider, 1400, capture="manual")
    with pytest.raises(IllegalMove, match="money reserved"):
        await settle(tools, id_, "close")
    provider.latest.status = "closed"
    assert (await settle(tools, id_, "close")).payment.state == "cancelled"
    assert await attempt_states(tools.pool, id_) == ["closed"]


async def test_a_second_look_books_what_came_in_meanwhile(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await differing(tools, provider, 1400, capture="manual")
    provider.latest.status = "paid"
    answer = await settle(tools, id_, "look_again")
    assert answer.payment.state == "review"
    assert await ledger(tools.pool) == [("capture", 1400)]
    (case,) = (await list_reviews(tools, T, None, 20, "staff:carla")).items
    assert [each.decision for each in case.taken] == ["look_again"]
    assert (await settle(tools, id_, "accept_amount")).payment.amount == Money(1400)


async def test_a_decision_is_made_once(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await captured_elsewhere(tools, provider)
    command = once()
    first = await decide_review(tools, T, id_, "give_back", "by hand", command, subject="carla")
    assert await decide_review(tools, T, id_, "give_back", "by hand", command, subject="carla") == first
    assert await states(tools.pool) == ["requested"]
    with pytest.raises(IllegalMove, match="not in review"):
        await settle(tools, id_, "accept", "dirk")


async def test_another_tenants_payment_is_not_found(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await captured_elsewhere(tools, provider)
    with pytest.raises(PaymentMissing):
        await settle(tools, id_, "accept", tenant="erkelenz")
    assert (await list_reviews(tools, "erkelenz", None, 20, "staff:otto")).items == []


async def test_the_queue_is_listed_oldest_first_and_page_by_page(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    ids = []
    for _ in range(3):
        ids.append(await captured_elsewhere(tools, provider))
        clock.pass_by(minutes=1)
    first = await list_reviews(tools, T, None, 2, "staff:carla")
    second = await list_reviews(tools, T, first.next_cursor, 2, "staff:carla")
    assert [case.payment.id for case in (*first.items, *second.items)] == ids
    assert second.next_cursor is None
    with pytest.raises(InvalidRequest):
        await list_reviews(tools, T, "nonsense", 2, "staff:carla")


async def test_a_provider_that_is_away_leaves_what_was_booked_to_decide_on(
    tools: Tools, provider: MemoryProvider
) -> None:
    id_ = await captured_elsewhere(tools, provider)
    provider.lose("read", 5)
    (case,) = (await list_reviews(tools, T, None, 20, "staff:carla")).items
    assert [finding.says for finding in case.findings] == [None]
    assert (await settle(tools, id_, "accept")).payment.state == "paid"


async def test_two_captures_leave_one_and_the_other_goes_back(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    card, card_attempt = provider.latest, await latest_attempt(tools.pool, payment.id)
    await choose_method(tools, T, payment.id, "paypal")
    provider.latest.pay()
    provider.latest.amount = Money(1400)
    await sync(tools, payment.id)
    card.status = "paid"
    await sync_attempt(tools, T, card_attempt, "provider")
    assert await ledger(tools.pool) == [("capture", 1400), ("capture", 1500)]
    answer = await settle(tools, payment.id, "accept")
    assert (answer.payment.state, answer.payment.amount) == ("paid", Money(1500))
    row = await tools.pool.fetchrow("SELECT amount_cents, requested_by FROM refund")
    assert tuple(row or ()) == (1400, "rule:duplicate")

"""What the provider did without us: a second session paid, a reservation lapsed, money taken by another hand."""

from tests.payment.support.house import TENANT, Clock, event_types, start, state_of
from tests.payment.support.paying import authorised, latest_attempt, ledger, sync
from tests.payment.support.provider import MemoryProvider

from payment.usecases.choose_method import choose_method
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


async def test_a_second_paid_session_goes_back_by_itself(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    card, card_attempt = provider.latest, await latest_attempt(tools.pool, payment.id)
    await choose_method(tools, TENANT, payment.id, "paypal")
    provider.latest.pay()
    await sync(tools, payment.id)
    card.status = "paid"  # the provider had said closed
    await sync_attempt(tools, TENANT, card_attempt, "provider")
    await sync_attempt(tools, TENANT, card_attempt, "provider")
    await submit_refunds(tools)
    assert await state_of(tools.pool, payment.id) == "paid"
    assert await ledger(tools.pool) == [("capture", 1500), ("capture", 1500), ("refund", -1500)]
    assert await event_types(tools.pool) == ["payment.paid"]
    refunded = await tools.pool.fetchrow("SELECT r.reason, p.refunded_cents FROM refund r, payment p")
    assert (refunded["reason"], refunded["refunded_cents"]) == ("duplicate", 0)


async def test_a_second_reservation_is_voided(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools, capture="manual")
    await choose_method(tools, TENANT, payment.id, "card")
    card, card_attempt = provider.latest, await latest_attempt(tools.pool, payment.id)
    await choose_method(tools, TENANT, payment.id, "paypal")
    provider.latest.pay()
    await sync(tools, payment.id)
    card.status = "authorised"
    await sync_attempt(tools, TENANT, card_attempt, "provider")
    assert card.status == "closed"
    assert await state_of(tools.pool, payment.id) == "authorised"


async def test_a_lapsed_reservation_expires(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    provider.latest.status = "closed"
    await sync(tools, id_)
    assert await state_of(tools.pool, id_) == "expired"


async def test_money_taken_by_another_hand_goes_to_a_person(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    provider.latest.status = "paid"
    await sync(tools, id_)
    assert await state_of(tools.pool, id_) == "review"
    assert await ledger(tools.pool) == [("capture", 1500)]


async def test_one_that_cannot_be_asked_holds_up_no_other(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    stuck, fine = await start(tools), await start(tools)
    await choose_method(tools, TENANT, stuck.id, "card")
    provider.sessions.clear()
    await choose_method(tools, TENANT, fine.id, "card")
    provider.latest.pay()
    clock.pass_by(seconds=20)
    await sweep_attempts(tools)
    assert await state_of(tools.pool, fine.id) == "paid"
    assert await state_of(tools.pool, stuck.id) == "pending"


async def test_a_read_that_fails_touches_nothing(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    provider.latest.pay()
    provider.lose("read")
    await sync(tools, payment.id)
    assert await state_of(tools.pool, payment.id) == "pending"
    clock.pass_by(seconds=20)
    await sweep_attempts(tools)
    assert await state_of(tools.pool, payment.id) == "paid"

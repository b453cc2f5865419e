"""From the choice of a method to the money, whatever happens in between."""

import asyncio
from uuid import UUID

import pytest
from tests.payment.support.house import Clock, event_types, once, start, state_of
from tests.payment.support.provider import MemoryProvider

from contracts.money import Money
from kit.sql import Pool
from payment.domain.errors import IllegalMove, PaymentOver, ProviderRefused, ProviderUnavailable
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.capture_payment import capture_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.expire_payments import expire_payments
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools

T = "heinsberg"


async def latest_attempt(pool: Pool, payment_id: UUID) -> UUID:
    id_: UUID = await pool.fetchval(
        "SELECT id FROM attempt WHERE payment_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1", payment_id
    )
    return id_


async def sync(tools: Tools, payment_id: UUID) -> None:
    await sync_attempt(tools, await latest_attempt(tools.pool, payment_id), "provider")


async def attempt_states(pool: Pool, payment_id: UUID) -> list[str]:
    rows = await pool.fetch("SELECT state FROM attempt WHERE payment_id = $1 ORDER BY created_at, id", payment_id)
    return [row["state"] for row in rows]


async def ledger(pool: Pool) -> list[tuple[str, int]]:
    rows = await pool.fetch("SELECT kind, amount_cents FROM ledger_entry ORDER BY id")
    return [(row["kind"], row["amount_cents"]) for row in rows]


async def authorised(tools: Tools, provider: MemoryProvider) -> UUID:
    payment = await start(tools, capture="manual")
    await choose_method(tools, T, payment.id, "card")
    provider.latest.pay()
    await sync(tools, payment.id)
    assert await state_of(tools.pool, payment.id) == "authorised"
    return payment.id


async def paid(tools: Tools, provider: MemoryProvider) -> UUID:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.latest.pay()
    await sync(tools, payment.id)
    assert await state_of(tools.pool, payment.id) == "paid"
    return payment.id


async def test_automatic_capture_pays_once_however_often_it_is_seen(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    await asyncio.gather(*(sync(tools, id_) for _ in range(5)))
    assert await ledger(tools.pool) == [("capture", 1500)]
    assert await event_types(tools.pool) == ["payment.paid"]


async def test_the_provider_is_told_nothing_of_the_service(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools, description="Führungszeugnis")
    await choose_method(tools, T, payment.id, "card")
    request = provider.latest.request
    assert (request.label, request.reference) == ("Gebühr", payment.treasury_reference)
    assert "Führungszeugnis" not in str(request)


async def test_two_presses_open_one_session(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    addresses = await asyncio.gather(*(choose_method(tools, T, payment.id, "card") for _ in range(4)))
    assert len(set(addresses)) == 1
    assert len(provider.sessions) == 1


async def test_another_method_closes_the_first_session(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    card = provider.latest
    await choose_method(tools, T, payment.id, "paypal")
    assert card.status == "closed"
    assert await attempt_states(tools.pool, payment.id) == ["closed", "open"]


async def test_a_change_of_method_finds_a_session_that_was_paid(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.latest.pay()
    assert await choose_method(tools, T, payment.id, "paypal") is None
    assert await state_of(tools.pool, payment.id) == "paid"
    assert len(provider.sessions) == 1


async def test_an_approved_order_is_authorised_once(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools, capture="manual")
    await choose_method(tools, T, payment.id, "paypal")
    provider.latest.approve()
    await asyncio.gather(*(sync(tools, payment.id) for _ in range(3)))
    assert await state_of(tools.pool, payment.id) == "authorised"
    assert len({key for call, key in provider.calls if call == "authorise"}) == 1


async def test_an_approved_order_is_not_authorised_when_the_time_is_up(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    payment = await start(tools, capture="manual")
    await choose_method(tools, T, payment.id, "paypal")
    provider.latest.approve()
    clock.pass_by(minutes=31)
    await expire_payments(tools)
    assert await state_of(tools.pool, payment.id) == "expired"
    assert provider.count("authorise") == 0


async def test_a_decline_leaves_the_payment_pending(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    first = await choose_method(tools, T, payment.id, "card")
    provider.latest.last_decline = "card_declined"
    await sync(tools, payment.id)
    assert await state_of(tools.pool, payment.id) == "pending"
    assert await choose_method(tools, T, payment.id, "card") == first


async def test_an_opening_without_an_answer_is_retried_with_the_same_key(
    tools: Tools, provider: MemoryProvider
) -> None:
    payment = await start(tools)
    provider.lose("open")
    with pytest.raises(ProviderUnavailable):
        await choose_method(tools, T, payment.id, "card")
    assert await choose_method(tools, T, payment.id, "card")
    assert len(provider.sessions) == 1
    assert len({key for call, key in provider.calls if call == "open"}) == 1


async def test_a_refused_opening_leaves_another_method(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    provider.refuse("open", "account_closed")
    with pytest.raises(ProviderRefused):
        await choose_method(tools, T, payment.id, "card")
    provider.refuse("open", "")
    assert await choose_method(tools, T, payment.id, "paypal")


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [
        ("amount", Money(1, "EUR"), "amount_differs"),
        ("amount", Money(1500, "USD"), "currency_differs"),
        ("reference", "HS-other", "reference_differs"),
    ],
)
async def test_what_differs_goes_to_a_person(
    tools: Tools, provider: MemoryProvider, field: str, value: object, cause: str
) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.latest.pay()
    setattr(provider.latest, field, value)
    await sync(tools, payment.id)
    row = await tools.pool.fetchrow("SELECT state, review_cause FROM payment")
    assert (row["state"], row["review_cause"]) == ("review", cause)
    assert await event_types(tools.pool) == ["payment.review"]
    await sync(tools, payment.id)
    assert await ledger(tools.pool) == ([("capture", 1)] if cause == "amount_differs" else [])


async def test_capture_takes_the_money_once(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    answers = await asyncio.gather(*(capture_payment(tools, T, id_, once(), "key:test") for _ in range(4)))
    assert {answer.payment.state for answer in answers} <= {"capturing", "paid"}
    assert await state_of(tools.pool, id_) == "paid"
    assert await ledger(tools.pool) == [("capture", 1500)]
    assert await event_types(tools.pool) == ["payment.authorised", "payment.paid"]


async def test_the_same_command_again_gets_the_same_answer(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    command = once(scope="heinsberg:capture", key="a:1:capture")
    first = await capture_payment(tools, T, id_, command, "key:test")
    assert (first.status, first.payment.state) == (200, "paid")
    assert await capture_payment(tools, T, id_, command, "key:test") == first


async def test_a_capture_without_an_answer_is_retried_by_the_sweeper(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    id_ = await authorised(tools, provider)
    provider.lose("capture")
    answer = await capture_payment(tools, T, id_, once(), "key:test")
    assert (answer.status, answer.payment.state) == (202, "capturing")
    clock.pass_by(seconds=5)
    assert await sweep_attempts(tools) == 1
    assert await state_of(tools.pool, id_) == "paid"
    assert len({key for call, key in provider.calls if call == "capture"}) == 1
    assert await ledger(tools.pool) == [("capture", 1500)]


async def test_a_pending_capture_is_waited_for(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await authorised(tools, provider)
    provider.capture_status = "pending"
    await capture_payment(tools, T, id_, once(), "key:test")
    assert await state_of(tools.pool, id_) == "capturing"
    provider.latest.status = "paid"
    clock.pass_by(minutes=2)
    await sweep_attempts(tools)
    assert await state_of(tools.pool, id_) == "paid"


async def test_a_refused_capture_is_told_and_the_reservation_released(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    provider.refuse("capture", "charge_expired")
    answer = await capture_payment(tools, T, id_, once(), "key:test")
    assert answer.payment.state == "capture_failed"
    assert await event_types(tools.pool) == ["payment.authorised", "payment.capture_failed"]
    assert provider.latest.status == "closed"


async def test_a_payment_that_is_not_reserved_cannot_be_captured(tools: Tools) -> None:
    payment = await start(tools, capture="manual")
    with pytest.raises(IllegalMove):
        await capture_payment(tools, T, payment.id, once(), "key:test")


async def test_cancelling_releases_reserved_money(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    answer = await cancel_payment(tools, T, id_, once(), "key:test")
    assert (answer.status, answer.payment.state) == (200, "cancelled")
    assert provider.latest.status == "closed"
    assert await ledger(tools.pool) == []
    assert await event_types(tools.pool) == ["payment.authorised", "payment.cancelled"]


async def test_a_void_that_stays_unknown_goes_to_a_person(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await authorised(tools, provider)
    provider.lose("void", 100)
    await cancel_payment(tools, T, id_, once(), "key:test")
    for _ in range(20):
        clock.pass_by(hours=2)
        await sweep_attempts(tools)
    assert await state_of(tools.pool, id_) == "review"


@pytest.mark.parametrize("capture", ["manual", "automatic"])
async def test_cancelling_while_the_citizen_pays(tools: Tools, provider: MemoryProvider, capture: str) -> None:
    payment = await start(tools, capture=capture)
    await choose_method(tools, T, payment.id, "card")

    async def pay() -> None:
        provider.latest.pay()

    provider.at("close", pay)
    await cancel_payment(tools, T, payment.id, once(), "key:test")
    await submit_refunds(tools)
    if capture == "manual":
        assert await state_of(tools.pool, payment.id) == "cancelled"
        assert await ledger(tools.pool) == []
    else:
        assert await state_of(tools.pool, payment.id) == "paid"
        assert await ledger(tools.pool) == [("capture", 1500), ("refund", -1500)]
        assert await event_types(tools.pool) == ["payment.paid", "payment.refunded"]


async def test_cancelling_before_and_during_the_choice(tools: Tools, provider: MemoryProvider) -> None:
    untouched = await start(tools)
    assert (await cancel_payment(tools, T, untouched.id, once(), "key:test")).payment.state == "cancelled"
    chosen = await start(tools)
    await choose_method(tools, T, chosen.id, "card")
    assert (await cancel_payment(tools, T, chosen.id, once(), "key:test")).payment.state == "cancelled"
    assert provider.latest.status == "closed"
    with pytest.raises(PaymentOver):
        await choose_method(tools, T, chosen.id, "card")


async def test_a_paid_payment_is_refunded_not_cancelled(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    with pytest.raises(IllegalMove, match="refund"):
        await cancel_payment(tools, T, id_, once(), "key:test")


async def test_time_up_closes_the_session_first(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    untouched, chosen = await start(tools), await start(tools)
    await choose_method(tools, T, chosen.id, "card")
    clock.pass_by(minutes=31)
    await expire_payments(tools)
    assert [await state_of(tools.pool, item.id) for item in (untouched, chosen)] == ["expired", "expired"]
    assert provider.latest.status == "closed"
    assert sorted(await event_types(tools.pool)) == ["payment.expired", "payment.expired"]


async def test_a_session_that_turns_out_complete_counts(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    payment = await start(tools, capture="manual")
    await choose_method(tools, T, payment.id, "card")
    clock.pass_by(minutes=31)

    async def pay() -> None:
        provider.latest.pay()

    provider.at("close", pay)
    await expire_payments(tools)
    assert await state_of(tools.pool, payment.id) == "authorised"
    assert await event_types(tools.pool) == ["payment.authorised"]


async def test_a_close_without_an_answer_is_retried(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.lose("close")
    clock.pass_by(minutes=31)
    await expire_payments(tools)
    assert await state_of(tools.pool, payment.id) == "expiring"
    clock.pass_by(minutes=1)
    await sweep_attempts(tools)
    assert await state_of(tools.pool, payment.id) == "expired"


async def test_a_second_paid_session_goes_back_by_itself(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    card, card_attempt = provider.latest, await latest_attempt(tools.pool, payment.id)
    await choose_method(tools, T, payment.id, "paypal")
    provider.latest.pay()
    await sync(tools, payment.id)
    card.status = "paid"  # the provider had said closed
    await sync_attempt(tools, card_attempt, "provider")
    await sync_attempt(tools, card_attempt, "provider")
    await submit_refunds(tools)
    assert await state_of(tools.pool, payment.id) == "paid"
    assert await ledger(tools.pool) == [("capture", 1500), ("capture", 1500), ("refund", -1500)]
    assert await event_types(tools.pool) == ["payment.paid"]
    refunded = await tools.pool.fetchrow("SELECT r.reason, p.refunded_cents FROM refund r, payment p")
    assert (refunded["reason"], refunded["refunded_cents"]) == ("duplicate", 0)


async def test_a_second_reservation_is_voided(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools, capture="manual")
    await choose_method(tools, T, payment.id, "card")
    card, card_attempt = provider.latest, await latest_attempt(tools.pool, payment.id)
    await choose_method(tools, T, payment.id, "paypal")
    provider.latest.pay()
    await sync(tools, payment.id)
    card.status = "authorised"
    await sync_attempt(tools, card_attempt, "provider")
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


async def test_a_read_that_fails_touches_nothing(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.latest.pay()
    provider.lose("read")
    await sync(tools, payment.id)
    assert await state_of(tools.pool, payment.id) == "pending"
    clock.pass_by(seconds=20)
    await sweep_attempts(tools)
    assert await state_of(tools.pool, payment.id) == "paid"

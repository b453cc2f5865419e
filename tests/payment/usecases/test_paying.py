"""From the choice of a method to the money: opened once, told nothing of the service, compared before it counts."""

import asyncio

import pytest
from tests.payment.support.house import TENANT, event_types, start, state_of
from tests.payment.support.paying import attempt_states, ledger, paid, sync
from tests.payment.support.provider import MemoryProvider

from contracts.money import Money
from contracts.payment import PaymentItem
from payment.domain.errors import ProviderRefused, ProviderUnavailable
from payment.gateways.gateway import SessionItem
from payment.usecases.choose_method import choose_method
from payment.usecases.tools import Tools


async def test_automatic_capture_pays_once_however_often_it_is_seen(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    await asyncio.gather(*(sync(tools, id_) for _ in range(5)))
    assert await ledger(tools.pool) == [("capture", 1500)]
    assert await event_types(tools.pool) == ["payment.paid"]


async def test_the_provider_is_told_nothing_of_the_service(tools: Tools, provider: MemoryProvider) -> None:
    accounting = {
        "Haushaltsstelle": "51110",
        "legal_basis": "Führungszeugnisgebührenordnung",
        "purpose": "Führungszeugnis",
    }
    items = [PaymentItem(description="Führungszeugnis", quantity=2, amount_cents=750, accounting=accounting)]
    payment = await start(tools, description="Führungszeugnis", items=items)
    await choose_method(tools, TENANT, payment.id, "card")
    request = provider.latest.request
    assert (request.label, request.reference) == ("Gebühr", payment.treasury_reference)
    assert "Führungszeugnis" not in str(request)
    assert request.items == (SessionItem(quantity=2, amount_cents=750, booking_data={"Haushaltsstelle": "51110"}),)


async def test_two_presses_open_one_session(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    addresses = await asyncio.gather(*(choose_method(tools, TENANT, payment.id, "card") for _ in range(4)))
    assert len(set(addresses)) == 1
    assert len(provider.sessions) == 1


async def test_another_method_closes_the_first_session(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    card = provider.latest
    await choose_method(tools, TENANT, payment.id, "paypal")
    assert card.status == "closed"
    assert await attempt_states(tools.pool, payment.id) == ["closed", "open"]


async def test_a_change_of_method_finds_a_session_that_was_paid(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    provider.latest.pay()
    assert await choose_method(tools, TENANT, payment.id, "paypal") is None
    assert await state_of(tools.pool, payment.id) == "paid"
    assert len(provider.sessions) == 1


async def test_an_approved_order_is_authorised_once(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools, capture="manual")
    await choose_method(tools, TENANT, payment.id, "paypal")
    provider.latest.approve()
    await asyncio.gather(*(sync(tools, payment.id) for _ in range(3)))
    assert await state_of(tools.pool, payment.id) == "authorised"
    assert len({key for call, key in provider.calls if call == "authorise"}) == 1


async def test_a_decline_leaves_the_payment_pending(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    first = await choose_method(tools, TENANT, payment.id, "card")
    provider.latest.last_decline = "card_declined"
    await sync(tools, payment.id)
    assert await state_of(tools.pool, payment.id) == "pending"
    assert await choose_method(tools, TENANT, payment.id, "card") == first


async def test_an_opening_without_an_answer_is_retried_with_the_same_key(
    tools: Tools, provider: MemoryProvider
) -> None:
    payment = await start(tools)
    provider.lose("open")
    with pytest.raises(ProviderUnavailable):
        await choose_method(tools, TENANT, payment.id, "card")
    assert await choose_method(tools, TENANT, payment.id, "card")
    assert len(provider.sessions) == 1
    assert len({key for call, key in provider.calls if call == "open"}) == 1


async def test_a_refused_opening_leaves_another_method(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    provider.refuse("open", "account_closed")
    with pytest.raises(ProviderRefused):
        await choose_method(tools, TENANT, payment.id, "card")
    provider.refuse("open", "")
    assert await choose_method(tools, TENANT, payment.id, "paypal")


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
    await choose_method(tools, TENANT, payment.id, "card")
    provider.latest.pay()
    setattr(provider.latest, field, value)
    await sync(tools, payment.id)
    row = await tools.pool.fetchrow("SELECT state, review_cause FROM payment")
    assert (row["state"], row["review_cause"]) == ("review", cause)
    assert await event_types(tools.pool) == ["payment.review"]
    await sync(tools, payment.id)
    assert await ledger(tools.pool) == ([("capture", 1)] if cause == "amount_differs" else [])

"""What webhooks told of is looked at soon, once for all about the same, and never lost."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from tests.payment.support.house import TENANT, Clock, WatchedTools, start, state_of
from tests.payment.support.provider import MemoryProvider

from payment.usecases.choose_method import choose_method
from payment.usecases.follow_ups import LOOKS_MAX, FollowUps, open_follow_ups
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.take_webhook import ProviderAccount, Taken

STRIPE = ProviderAccount(TENANT, "stripe")


@pytest.fixture
async def follow_ups(tools: WatchedTools) -> AsyncIterator[FollowUps]:
    async with open_follow_ups(tools) as made:
        yield made


async def begun(tools: WatchedTools) -> tuple[UUID, Taken]:
    """The citizen is at the provider; and what a webhook about it says."""
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    attempt_id = await tools.pool.fetchval("SELECT id FROM attempt WHERE payment_id = $1", payment.id)
    return payment.id, Taken(STRIPE, attempt_id=attempt_id)


async def test_a_flood_about_one_attempt_is_one_look_and_one_more_for_who_came_meanwhile(
    tools: WatchedTools, provider: MemoryProvider, follow_ups: FollowUps
) -> None:
    payment_id, taken = await begun(tools)

    async def pay_and_flood() -> None:
        """While the provider is being read, it is paid there; what is being read may not know it yet."""
        provider.at("read", pay)
        later.extend(asyncio.create_task(follow_ups.look(taken)) for _ in range(20))
        await asyncio.sleep(0)

    async def pay() -> None:
        provider.latest.pay()

    later: list[asyncio.Task[None]] = []
    provider.at("read", pay_and_flood)
    await asyncio.gather(*(follow_ups.look(taken) for _ in range(20)))
    await asyncio.gather(*later)
    assert provider.count("read") == 2
    assert await state_of(tools.pool, payment_id) == "paid"


async def test_a_provider_that_is_away_is_left_to_the_sweeper(
    tools: WatchedTools, provider: MemoryProvider, follow_ups: FollowUps, clock: Clock
) -> None:
    first_id, first = await begun(tools)
    provider.lose("read")
    await follow_ups.look(first)
    second_id, second = await begun(tools)
    provider.latest.pay()
    await tools.pool.execute("UPDATE attempt SET due_at = $1", clock())  # as taking the webhook did
    await follow_ups.look(second)
    assert provider.count("read") == 1
    assert await state_of(tools.pool, second_id) == "pending"
    await sweep_attempts(tools)
    assert await state_of(tools.pool, second_id) == "paid"
    assert await state_of(tools.pool, first_id) == "pending"


async def test_whoever_waits_for_a_look_is_let_go_at_the_end(tools: WatchedTools, provider: MemoryProvider) -> None:
    attempts = [(await begun(tools))[1] for _ in range(2 * LOOKS_MAX)]
    async with open_follow_ups(tools) as follow_ups:
        looks = [asyncio.create_task(follow_ups.look(taken)) for taken in attempts]
        await asyncio.wait(looks, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait_for(asyncio.gather(*looks), 5)
    assert 0 < provider.count("read") <= 2 * LOOKS_MAX


async def test_nothing_to_look_at_asks_nobody(provider: MemoryProvider, follow_ups: FollowUps) -> None:
    await follow_ups.look(Taken(STRIPE))
    assert provider.calls == []


async def test_what_fails_is_logged_and_holds_up_no_other(
    tools: WatchedTools, provider: MemoryProvider, follow_ups: FollowUps, caplog: pytest.LogCaptureFixture
) -> None:
    _, broken = await begun(tools)
    provider.sessions.clear()  # reading it raises what no gateway should
    await follow_ups.look(broken)
    assert "left to the sweeper" in caplog.text
    payment_id, taken = await begun(tools)
    provider.latest.pay()
    await follow_ups.look(taken)
    assert await state_of(tools.pool, payment_id) == "paid"

"""Nothing stays unknown for more than 15 minutes without a word, and the word is said once."""

from uuid import UUID

from tests.payment.support.house import TENANT as T
from tests.payment.support.house import Clock, event_types, once, start, state_of
from tests.payment.support.paying import authorised, sync
from tests.payment.support.provider import MemoryProvider

from payment.domain.errors import ProviderUnavailable
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.capture_payment import capture_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.expire_payments import expire_payments
from payment.usecases.read_payment import read_payment
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.tell_checking import tell_checking
from payment.usecases.tools import Tools


async def wait(tools: Tools, clock: Clock, minutes: int = 16) -> int:
    """The worker's loops, a minute at a time."""
    told = 0
    for _ in range(minutes):
        clock.pass_by(minutes=1)
        await expire_payments(tools)
        await sweep_attempts(tools)
        told += await tell_checking(tools)
    return told


async def is_checking(tools: Tools, id_: UUID) -> bool:
    return (await read_payment(tools, T, id_)).checking


async def test_a_capture_without_an_answer_is_told_once_and_then_heals(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    id_ = await authorised(tools, provider)
    provider.lose("capture", 100)
    assert (await capture_payment(tools, T, id_, once(), "key:test")).status == 202
    assert await wait(tools, clock, 14) == 0
    assert not await is_checking(tools, id_)
    assert await wait(tools, clock, 60) == 1
    assert await is_checking(tools, id_)
    assert (await event_types(tools.pool)).count("payment.checking") == 1
    provider.forgive()
    await sync(tools, id_)
    assert (await state_of(tools.pool, id_), await is_checking(tools, id_)) == ("paid", False)


async def test_a_capture_that_the_provider_holds_back_is_told(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    id_ = await authorised(tools, provider)
    provider.capture_status = "pending"
    await capture_payment(tools, T, id_, once(), "key:test")
    assert await wait(tools, clock) == 1


async def test_a_release_without_an_answer_is_told(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await authorised(tools, provider)
    provider.lose("void", 100)
    await cancel_payment(tools, T, id_, once(), "key:test")
    assert await wait(tools, clock) == 1


async def test_a_session_that_may_be_open_is_told(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    payment = await start(tools)
    provider.lose("open", 100)
    try:
        await choose_method(tools, T, payment.id, "card")
    except ProviderUnavailable:
        assert await wait(tools, clock) == 1
    assert await is_checking(tools, payment.id)


async def test_a_provider_that_is_away_while_somebody_may_be_paying_is_told(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.lose("read", 100)
    assert await wait(tools, clock, 17) == 1


async def test_a_reservation_that_the_provider_holds_back_is_told(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    payment = await start(tools, capture="manual")
    await choose_method(tools, T, payment.id, "paypal")
    provider.latest.approve()
    provider.lose("authorise", 100)
    assert await wait(tools, clock, 17) == 1


async def test_an_expiry_that_the_provider_does_not_confirm_is_told(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.lose("close", 100)
    assert await wait(tools, clock, 30) == 0
    assert await state_of(tools.pool, payment.id) == "expiring"
    assert await wait(tools, clock, 17) == 1


async def test_who_has_not_paid_yet_hears_nothing(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    reserved = await authorised(tools, provider)
    assert await wait(tools, clock, 40) == 0
    assert await state_of(tools.pool, payment.id) == "expired"
    assert await state_of(tools.pool, reserved) == "authorised"

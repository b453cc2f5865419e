"""Work that is done together: each hears its own result, and nobody waits for a stranger."""

import asyncio
from collections.abc import Sequence

import pytest

from kit.batches import SIZE_MAX, Batches


class Bench:
    """Doubles numbers, when it is let. 0 is an error of its own, a negative number spoils whatever it is with, and 99
    takes too long.
    """

    def __init__(self) -> None:
        self.done: list[tuple[str, list[int]]] = []
        self.begun = asyncio.Event()
        self.stuck = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def work(self, group: str, items: Sequence[int]) -> list[int | Exception]:
        self.done.append((group, list(items)))
        self.begun.set()
        if group == "stuck":
            await self.stuck.wait()
        await self.gate.wait()
        if 99 in items:
            raise TimeoutError
        if any(item < 0 for item in items):
            raise ArithmeticError(str(items))
        return [item * 2 if item else ZeroDivisionError() for item in items]


async def test_who_comes_alone_goes_at_once_and_who_comes_meanwhile_goes_together() -> None:
    bench = Bench()
    batches = Batches(bench.work)
    assert await batches.take("a", 1) == 2
    bench.gate.clear()
    bench.begun.clear()
    first = asyncio.create_task(batches.take("a", 2))
    await bench.begun.wait()
    others = [asyncio.create_task(batches.take("a", number)) for number in (3, 4, 5)]
    await asyncio.sleep(0)
    bench.gate.set()
    assert await asyncio.gather(first, *others) == [4, 6, 8, 10]
    assert bench.done == [("a", [1]), ("a", [2]), ("a", [3, 4, 5])]


async def test_a_batch_has_an_end() -> None:
    bench = Bench()
    batches = Batches(bench.work)
    numbers = list(range(1, 2 * SIZE_MAX + 2))
    assert await asyncio.gather(*(batches.take("a", number) for number in numbers)) == [n * 2 for n in numbers]
    assert [len(items) for _, items in bench.done] == [SIZE_MAX, SIZE_MAX, 1]


async def test_an_error_is_heard_by_whose_it_is() -> None:
    batches = Batches(Bench().work)
    results = await asyncio.gather(*(batches.take("a", n) for n in (1, 0, -1, 2)), return_exceptions=True)
    assert results[0] == 2
    assert isinstance(results[1], ZeroDivisionError)
    assert isinstance(results[2], ArithmeticError)
    assert str(results[2]) == "[-1]"
    assert results[3] == 4


async def test_when_the_database_is_away_nobody_tries_again_alone() -> None:
    bench = Bench()
    batches = Batches(bench.work)
    results = await asyncio.gather(*(batches.take("a", n) for n in (1, 99, 2)), return_exceptions=True)
    assert [type(result) for result in results] == [TimeoutError] * 3
    assert len(bench.done) == 1


async def test_a_group_that_hangs_holds_up_no_other() -> None:
    bench = Bench()
    batches = Batches(bench.work)
    stuck = asyncio.create_task(batches.take("stuck", 1))
    assert await asyncio.wait_for(batches.take("a", 2), 5) == 4
    assert not stuck.done()
    bench.stuck.set()
    assert await stuck == 2


async def test_who_goes_away_is_not_missed() -> None:
    bench = Bench()
    batches = Batches(bench.work)
    bench.gate.clear()
    gone, stays = (asyncio.create_task(batches.take("a", number)) for number in (1, 2))
    await bench.begun.wait()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    bench.gate.set()
    assert await stays == 4
    assert await batches.take("a", 3) == 6


async def test_two_at_once_where_that_is_wanted() -> None:
    bench = Bench()
    batches = Batches(bench.work, at_once=2, size_max=2)
    bench.gate.clear()
    asked = [asyncio.create_task(batches.take("a", number)) for number in range(1, 6)]
    await bench.begun.wait()
    await asyncio.sleep(0)
    assert bench.done == [("a", [1, 2]), ("a", [3, 4])]
    bench.gate.set()
    assert await asyncio.gather(*asked) == [2, 4, 6, 8, 10]


@pytest.mark.parametrize("at_once", [1, 2])
async def test_who_comes_as_the_last_batch_ends_is_not_forgotten(at_once: int) -> None:
    """Whoever hears a result asks again in the very next step, before the runner's task is done."""
    batches = Batches(Bench().work, at_once=at_once)

    async def ask_often() -> list[int]:
        return [await batches.take("a", number) for number in range(1, 50)]

    async with asyncio.timeout(10):
        await asyncio.gather(*(ask_often() for _ in range(3)))

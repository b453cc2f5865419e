"""Hypothesis drives the real store with all operations, up to three at once, and asks for the invariants each step."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.booking.machine.house import CITIZENS_MOVES, AllKeys, Move, Town
from tests.booking.machine.invariants import broken
from tests.booking.machine.office import OFFICES_MOVES
from tests.booking.support.payment_stand_in import serve_stand_in
from tests.support.database import Database, fresh_database
from tests.support.stories import story_settings

from booking.clients.payment import open_payment
from kit.sql import open_pool

STORIES = 40
STEPS = 40
MOVES = CITIZENS_MOVES | OFFICES_MOVES
_numbers = count(1)
_OFTEN = ["hold"] * 5 + ["confirm", "go_and_pay", "hear_of_payment", "wait_for_earlier"] * 2
_moves = st.builds(
    Move, st.sampled_from(_OFTEN + sorted(MOVES)), st.integers(0, 5), st.integers(0, 17), st.integers(0, 7)
)
_minutes = st.sampled_from([0] * 8 + [1, 6, 16, 36, 90, 600])


class House:
    """A loop, a pool and payment's stand-in for all stories; each has a town of its own."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.outcomes: Counter[str] = Counter()
        self.loop.run_until_complete(self._open(url))

    async def _open(self, url: str) -> None:
        self.pool = await self.stack.enter_async_context(open_pool(url, size_max=6))
        self.payment = await self.stack.enter_async_context(serve_stand_in())
        self.client = await self.stack.enter_async_context(open_payment(self.payment.url, AllKeys()))

    def close(self) -> None:
        self.loop.run_until_complete(self.stack.aclose())
        self.loop.close()


@pytest.fixture(scope="module")
def machine_database() -> Iterator[Database]:
    yield from fresh_database("booking")


@pytest.fixture(scope="module")
def house(machine_database: Database) -> Iterator[House]:
    house = House(machine_database.url)
    yield house
    house.close()


def test_no_order_of_operations_breaks_an_invariant(house: House) -> None:
    class Story(RuleBasedStateMachine):
        def run(self, coroutine: Any) -> Any:
            return house.loop.run_until_complete(coroutine)

        @initialize()
        def begin(self) -> None:
            self.town = Town(f"story-{next(_numbers)}", house.pool, house.payment, house.client)
            self.run(self.town.build())

        @rule(minutes=_minutes, moves=st.lists(_moves, min_size=1, max_size=3))
        def play(self, minutes: int, moves: list[Move]) -> None:
            self.run(self.town.wait(minutes))
            house.payment.now = self.town.now
            self.run(self.town.play(MOVES, moves))
            assert self.run(broken(self.town, self.town.now)) == []

        def teardown(self) -> None:
            if hasattr(self, "town"):
                house.outcomes.update(self.town.outcomes)

    run_state_machine_as_test(
        Story,
        settings=story_settings(STORIES, STEPS),
    )
    done = {name for name in MOVES if house.outcomes[f"{name}: done"]}
    assert len(done) > len(MOVES) // 2, house.outcomes  # the stories went somewhere

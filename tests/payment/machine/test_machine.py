"""Hypothesis drives the real use cases with all operations, up to three at once, and then lets everything settle."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, get_args

import asyncpg
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.payment.machine.account import faults, overdrawn
from tests.payment.machine.bank import Banks
from tests.payment.machine.operations import MOVES
from tests.payment.machine.settling import settle
from tests.payment.machine.town import Move, Town
from tests.payment.support.house import TENANT, Clock, configure_tenants, once, tools_with
from tests.support.database import Database, fresh_database
from tests.support.stories import story_settings

from contracts.payment import PaymentEventType
from kit.sql import open_pool
from payment.usecases.add_webhook_endpoint import add_webhook_endpoint

STORIES = 20
STEPS = 25
EMPTY = "TRUNCATE payment, dispute_look, provider_event, webhook_delivery, outbox, idempotent_answer CASCADE"
_OFTEN = ["create"] + ["go_and_pay"] * 5 + ["choose", "deliver", "capture", "work", "misprice", "take_by_hand"] * 2
_OFTEN += ["refund", "spoil", "dispute", "end_dispute", "decide"] * 3
_moves = st.builds(Move, st.sampled_from(_OFTEN + sorted(MOVES)), st.integers(0, 7), st.integers(0, 11))
_minutes = st.sampled_from([0] * 14 + [1, 2, 6, 31])


class House:
    """A loop and a database for all stories; each begins with an empty town."""

    def __init__(self, database: Database) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.outcomes: Counter[str] = Counter()
        self.run(self._open(database))

    def run(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    async def _open(self, database: Database) -> None:
        self.pool = await self.stack.enter_async_context(open_pool(database.all_tenants_url, size_max=6))
        self.owner = await asyncpg.connect(database.owner_url)
        self.stack.push_async_callback(self.owner.close)
        await configure_tenants(self.pool, TENANT)
        async with tools_with(self.pool, Banks(), Clock()) as tools:
            types = get_args(PaymentEventType)
            await add_webhook_endpoint(tools, TENANT, "http://127.0.0.1:9/hook", types, once())

    async def town(self) -> Town:
        await self.owner.execute(EMPTY)
        banks, clock = Banks(), Clock()
        tools = await self.stack.enter_async_context(tools_with(self.pool, banks, clock))
        return Town(tools, self.pool, banks, clock, MOVES)

    def close(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()


@pytest.fixture(scope="module")
def machine_database() -> Iterator[Database]:
    yield from fresh_database("payment")


@pytest.fixture(scope="module")
def house(machine_database: Database) -> Iterator[House]:
    house = House(machine_database)
    yield house
    house.close()


def test_whatever_happens_the_money_is_where_it_belongs(house: House) -> None:
    class Story(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.town: Town = house.run(house.town())
            house.run(self.town.play([Move("create", 0, key) for key in (0, 4, 8)]))

        @rule(minutes=_minutes, moves=st.lists(_moves, min_size=1, max_size=3))
        def play(self, minutes: int, moves: list[Move]) -> None:
            self.town.clock.pass_by(minutes=minutes)
            house.run(self.town.play(moves))
            assert house.run(overdrawn(self.town)) == []
            assert self.town.faults == []

        def teardown(self) -> None:
            if hasattr(self, "town"):
                house.run(settle(self.town))
                house.outcomes.update(self.town.outcomes)
                assert house.run(faults(self.town)) == []
                house.run(self.town.http.aclose())

    run_state_machine_as_test(
        Story,
        settings=story_settings(STORIES, STEPS),
    )
    done = {name for name in MOVES if house.outcomes[f"{name}: done"]}
    assert len(done) > len(MOVES) * 2 // 3, house.outcomes  # the stories went somewhere

"""Thousands of webhooks, nearly a third of them twice, in an order that chance makes: the end is as told in order."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from tests.payment.support.house import Clock, configure_tenants, tools_with
from tests.payment.webhooks.lives import LIVES, Life
from tests.payment.webhooks.post import Account, Event

from kit.batches import Batches
from kit.sql import Pool
from payment.domain.attempt import Provider
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.take_webhook import ProviderAccount, follow_up, note_events, take_webhook
from payment.usecases.tools import Tools

WEBHOOKS = int(os.environ.get("SOAK_WEBHOOKS", "300"))
DUPLICATES = 0.3
AT_ONCE = 8


class Town:
    """One tenant with its account at the providers, and all that came of it."""

    def __init__(self, tools: Tools, pool: Pool, clock: Clock, account: Account) -> None:
        self.tools, self.pool, self.clock, self.account = tools, pool, clock, account
        self.notes = Batches(partial(note_events, tools))
        self.lives: list[Life] = []
        self.looked: Counter[str] = Counter()

    def life(self) -> AsyncIterator[list[Event]]:
        """The next one: each kind in turn."""
        kind = list(LIVES)[len(self.lives) % len(LIVES)]
        self.lives.append(Life(self.tools, self.pool, self.clock, self.account, len(self.lives)))
        return kind(self.lives[-1])

    async def take(self, event: Event) -> None:
        headers = self.account.sign(event)
        account = ProviderAccount(self.account.tenant, event.provider)
        taken = await take_webhook(self.tools, self.notes, account, headers, event.body)
        if taken.attempt_id or taken.refund_id:
            self.looked[event.id] += 1
        await follow_up(self.tools, taken)

    async def ends(self) -> list[Any]:
        """Of each payment: how it stands, what was tried, given back, booked and told."""
        while await submit_refunds(self.tools):
            pass
        rows = await self.pool.fetch(
            "SELECT p.state, p.refunded_cents,"
            " ARRAY(SELECT state FROM attempt a WHERE a.payment_id = p.id ORDER BY id) AS attempts,"
            " ARRAY(SELECT (state, amount_cents, reason)::text FROM refund r WHERE r.payment_id = p.id ORDER BY 1)"
            "   AS refunds,"
            " ARRAY(SELECT (kind, amount_cents)::text FROM ledger_entry l WHERE l.payment_id = p.id ORDER BY 1)"
            "   AS ledger,"
            " ARRAY(SELECT subject FROM outbox o WHERE o.payload ->> 'payment_id' = p.id::text ORDER BY position)"
            "   AS told"
            " FROM payment p WHERE p.tenant = $1 ORDER BY p.id",
            self.account.tenant,
        )
        return [tuple(row) for row in rows]

    async def kept_cents(self) -> list[tuple[str, int]]:
        rows = await self.pool.fetch(
            "SELECT p.state, coalesce(sum(l.amount_cents), 0)::bigint AS cents FROM payment p"
            " LEFT JOIN ledger_entry l ON l.payment_id = p.id WHERE p.tenant = $1 GROUP BY p.id ORDER BY p.id",
            self.account.tenant,
        )
        return [(row["state"], row["cents"]) for row in rows]


class Accounts(dict[str, Account]):
    async def find(self, tenant: str, provider: Provider) -> Account:  # noqa: ARG002 - it has both
        return self[tenant]


@pytest.fixture
async def towns(payment_pool: Pool, clock: Clock, tmp_path: Path) -> AsyncIterator[list[Town]]:
    names = ("heinsberg", "erkelenz")
    await configure_tenants(payment_pool, *names)
    accounts = Accounts({name: Account(name, clock, tmp_path) for name in names})
    async with tools_with(payment_pool, accounts, clock) as tools:
        yield [Town(tools, payment_pool, clock, account) for account in accounts.values()]
    for account in accounts.values():
        await account.close()


async def tell_in_order(town: Town) -> int:
    """Each as soon as it happened, and once."""
    events = 0
    while events < WEBHOOKS * (1 - DUPLICATES):
        async for told in town.life():
            for event in told:
                await town.take(event)
            events += len(told)
    return events


async def tell_by_chance(town: Town, lives: int, chance: random.Random) -> int:
    """Long after all has happened, several at a time."""
    events = [event for _ in range(lives) async for told in town.life() for event in told]
    post = events + chance.choices(events, k=max(WEBHOOKS - len(events), 0))
    chance.shuffle(post)
    rest = iter(post)

    async def postman() -> None:
        for event in rest:
            await town.take(event)

    await asyncio.gather(*(postman() for _ in range(AT_ONCE)))
    return len(post)


async def test_the_end_is_the_same_in_any_order(towns: list[Town], payment_pool: Pool) -> None:
    ordered, shuffled = towns
    distinct = await tell_in_order(ordered)
    taken = await tell_by_chance(shuffled, len(ordered.lives), random.Random(20261122))
    assert taken >= WEBHOOKS
    assert await shuffled.ends() == await ordered.ends()
    kept = await shuffled.kept_cents()
    assert kept == list(islice(cycle(LIVES.values()), len(kept)))
    assert sum(cents for _, cents in kept) == shuffled.account.kept_cents()
    # What came again was known, and led to nothing.
    assert set(shuffled.looked.values()) == {1}
    # An event that another tenant had before is news all the same.
    counts = await payment_pool.fetch("SELECT count(*) FROM provider_event GROUP BY tenant")
    assert [row["count"] for row in counts] == [distinct, distinct]

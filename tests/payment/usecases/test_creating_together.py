"""Payments that are asked for at the same time share a transaction, and nothing else."""

import asyncio
from functools import partial
from typing import Any

from tests.payment.support.house import PORTAL, TENANT, WatchedTools, once, order

from kit.batches import Batches
from payment.domain.errors import InvalidRequest, KeyReused, PaymentError
from payment.domain.kassenzeichen import is_valid
from payment.usecases.once import Answer
from payment.usecases.start_payment import Creations, start_payment, start_payments


async def create(tools: WatchedTools, creations: Creations, key: str, **changes: Any) -> Answer | PaymentError:
    asked = order(**changes)
    content = asked.reference.encode()
    try:
        return await start_payment(
            tools, creations, TENANT, asked, once(key=key, content=content), f"key:{asked.reference}"
        )
    except PaymentError as error:
        return error


async def test_each_has_its_own_answer_whatever_its_neighbours_ask_for(tools: WatchedTools) -> None:
    creations: Creations = Batches(partial(start_payments, tools))
    good = [create(tools, creations, f"k{n}", reference=f"order-{n}") for n in range(20)]
    same = [create(tools, creations, "same", reference="same") for _ in range(6)]
    reused = [create(tools, creations, "k0", reference="other")]
    away = [create(tools, creations, "away", return_url="https://elsewhere.example/x") for _ in range(2)]
    answers = await asyncio.gather(*good, *same, *reused, *away)
    created = [answer.payment for answer in answers if isinstance(answer, Answer)]
    assert len(created) == 26
    assert len({payment.id for payment in created}) == 21
    assert len({payment.treasury_reference for payment in created}) == 21
    assert all(is_valid(payment.treasury_reference) for payment in created)
    assert [payment.reference for payment in created[:20]] == [f"order-{n}" for n in range(20)]
    assert isinstance(answers[26], KeyReused)
    for refused in answers[27:]:
        assert isinstance(refused, InvalidRequest)
        assert refused.errors == (("return_url", "https://elsewhere.example is not among the tenant's return origins"),)
    rows = await tools.pool.fetch(
        "SELECT p.reference, p.created_by, e.actor, e.trigger, e.state, i.description,"
        " a.answer -> 'payment' ->> 'id' = p.id::text AS kept"
        " FROM payment p JOIN payment_event e ON e.payment_id = p.id JOIN payment_item i ON i.payment_id = p.id"
        " JOIN idempotent_answer a ON a.answer -> 'payment' ->> 'treasury_reference' = p.treasury_reference"
    )
    assert len(rows) == 21
    for row in rows:
        assert row["actor"] == row["created_by"] == f"key:{row['reference']}"
        assert (row["trigger"], row["state"], row["description"], row["kept"]) == ("create", "created", "Auszug", True)
    assert await tools.pool.fetchval("SELECT count(*) FROM idempotent_answer") == 21


async def test_two_processes_with_the_same_keys_in_another_order(tools: WatchedTools) -> None:
    """Each claims its keys in the keys' order: they wait for each other and never lock each other up."""
    keys = [f"k{n}" for n in range(24)]
    processes: list[Creations] = [Batches(partial(start_payments, tools)) for _ in range(3)]
    asked = [
        create(tools, creations, key, reference=key)
        for creations, order_ in zip(processes, (keys, keys[::-1], keys[12:] + keys[:12]), strict=True)
        for key in order_
    ]
    answers = await asyncio.gather(*asked)
    ids: dict[str, set[str]] = {}
    for answer in answers:
        assert isinstance(answer, Answer)
        assert answer.payment.next_url.startswith("http")
        ids.setdefault(answer.payment.reference, set()).add(str(answer.payment.id))
    assert {key: len(found) for key, found in ids.items()} == dict.fromkeys(keys, 1)
    assert await tools.pool.fetchval("SELECT count(*) FROM payment") == len(keys)


async def test_an_answer_outlives_its_origins_place_in_the_list(tools: WatchedTools) -> None:
    creations: Creations = Batches(partial(start_payments, tools))
    first = await create(tools, creations, "k")
    await tools.pool.execute("DELETE FROM return_origin WHERE origin = $1", PORTAL)
    assert await create(tools, creations, "k") == first
    assert isinstance(await create(tools, creations, "new"), InvalidRequest)

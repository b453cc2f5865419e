"""What lies beside the accounts goes at its date."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from tests.payment.support.house import TENANT, Clock, start, state_of
from tests.payment.support.leftovers import MARKER, log_of, planted, traces
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.transactions import END_POINT, ORIGINATOR, asked, configure_originators
from tests.support.database import Database

from kit.sql import Pool, open_pool
from payment.domain.errors import PaymentExists
from payment.domain.xbezahldienste import TransactionRequest
from payment.usecases.choose_method import choose_method
from payment.usecases.start_transaction import Account, start_transaction
from payment.usecases.sweep_leftovers import read_retention_log, sweep_leftovers
from payment.usecases.tools import Tools


def request(**changes: Any) -> TransactionRequest:
    words = {"redirectUrl": f"https://portal.example/danke?token={MARKER}", "requestor": {"name": MARKER}}
    return msgspec.convert(asked(**words | changes), TransactionRequest, strict=False)


async def order_by_the_standard(tools: Tools, wanted: TransactionRequest) -> UUID:
    account = Account(TENANT, ORIGINATOR, END_POINT)
    found = await start_transaction(tools, account, wanted, "key:test")
    return UUID(found.payment_information.transaction_id)


async def test_a_planted_marker_is_nowhere_after_its_date(
    tools: Tools, provider: MemoryProvider, clock: Clock, payment_database: Database
) -> None:
    await configure_originators(tools.pool)
    id_ = await planted(tools, provider)
    await tools.pool.execute(
        "UPDATE payment SET state = 'cancelled' WHERE id = $1", await order_by_the_standard(tools, request())
    )
    assert await traces(payment_database, MARKER) == {
        "payment.payment.return_url",
        "payment.attempt.redirect_url",
        "payment.attempt.card",
        "payment.webhook_delivery.payload",
        "payment.idempotent_answer.key",
        "payment.provider_event.event_id",
        "payment.provider_event.object_id",
        "payment.xbezahldienste_transaction.request",  # and no requestor, at any time
    }
    await sweep_leftovers(tools)
    assert len(await traces(payment_database, MARKER)) == 8, "nothing is old yet"
    clock.pass_by(days=31)
    await sweep_leftovers(tools)
    assert await traces(payment_database, MARKER) == {"payment.attempt.card"}
    clock.pass_by(days=150)
    await sweep_leftovers(tools)
    assert await traces(payment_database, MARKER) == set()
    assert await log_of(tools) == {
        "answers": await tools.pool.fetchval("SELECT count FROM retention_log WHERE leftover = 'answers'"),
        "outgoing_webhooks": 1,
        "incoming_webhooks": 1,
        "return_urls": 2,
        "hosted_pages": 1,
        "request_urls": 1,
        "cards": 1,
    }
    assert await tools.pool.fetchval("SELECT return_url FROM payment WHERE id = $1", id_) == "https://portal.example/"
    assert await state_of(tools.pool, id_) == "paid"
    assert await sweep_leftovers(tools) == 0


async def test_what_is_under_way_keeps_what_it_needs(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    await tools.pool.execute("UPDATE payment SET state = 'review', review_cause = 'x' WHERE id = $1", payment.id)
    clock.pass_by(days=400)
    await sweep_leftovers(tools)
    assert set(await log_of(tools)) == {"answers"}


@pytest.mark.parametrize("state", ["review", "authorised"])
async def test_an_attempt_that_a_person_decided_about_goes_with_its_payment(
    tools: Tools, provider: MemoryProvider, clock: Clock, state: str
) -> None:
    id_ = await planted(tools, provider)
    await tools.pool.execute("UPDATE attempt SET state = $1", state)
    await tools.pool.execute("UPDATE payment SET state = 'cancelled' WHERE id = $1", id_)
    clock.pass_by(days=181)
    await sweep_leftovers(tools)
    left = await tools.pool.fetchrow("SELECT redirect_url, card FROM attempt")
    assert (left["redirect_url"], left["card"]) == (None, None)


async def test_each_tenant_keeps_for_its_own_time(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    await planted(tools, provider)
    await tools.pool.execute("UPDATE tenant SET retention = $1", {"return_urls_days": 2, "cards_days": 1})
    clock.pass_by(days=3)
    await sweep_leftovers(tools)
    assert set(await log_of(tools)) == {"return_urls", "hosted_pages", "cards"}
    assert (await read_retention_log(tools, "erkelenz", None))[0] == []


async def test_a_request_of_the_standard_is_known_again_when_its_address_is_cut(tools: Tools, clock: Clock) -> None:
    await configure_originators(tools.pool)
    wanted = request()
    id_ = await order_by_the_standard(tools, wanted)
    clock.pass_by(days=31)
    await sweep_leftovers(tools)
    assert await order_by_the_standard(tools, wanted) == id_
    with pytest.raises(PaymentExists):
        await order_by_the_standard(tools, msgspec.structs.replace(wanted, purpose="etwas anderes"))


async def test_the_service_itself_may_change_no_item_and_no_log(
    tools: Tools, provider: MemoryProvider, payment_database: Database
) -> None:
    await planted(tools, provider)
    async with open_pool(payment_database.url, size_max=1) as plain:
        for statement in (
            "UPDATE payment_item SET description = ''",
            "DELETE FROM payment",
            "DELETE FROM xbezahldienste_transaction",
            "UPDATE retention_log SET count = 1",
            "DELETE FROM retention_log",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await plain.execute(statement)


async def test_many_go_in_small_batches(tools: Tools, clock: Clock, house: Pool) -> None:
    await house.execute(
        "INSERT INTO provider_event (tenant, provider, event_id, type, object_id, received_at)"
        " SELECT $1, 'stripe', n::text, 'x', 'x', $2 FROM generate_series(1, 1200) n",
        TENANT,
        clock(),
    )
    clock.pass_by(days=31)
    assert await sweep_leftovers(tools) == 1200
    entries, _ = await read_retention_log(tools, TENANT, None)
    assert [entry.count for entry in entries] == [200, 500, 500]


async def test_another_tenants_orders_are_out_of_reach(tools: Tools, provider: MemoryProvider) -> None:
    await planted(tools, provider)
    await tools.pool.execute("UPDATE payment SET created_at = created_at - interval '20 years'")
    async with tools.acting_for("erkelenz") as connection:
        assert await connection.fetchval("SELECT forget_order_texts($1, now(), 10)", TENANT) == 0

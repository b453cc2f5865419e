"""A marker wherever something may lie beside the accounts, and where it still is."""

from uuid import UUID

from tests.payment.support.house import TENANT, once, start
from tests.payment.support.paying import sync
from tests.payment.support.provider import MemoryProvider
from tests.support.database import Database
from tests.support.scan import scan_database

from payment.store.webhooks import ProviderEvent, insert_provider_events
from payment.usecases.add_webhook_endpoint import add_webhook_endpoint
from payment.usecases.choose_method import choose_method
from payment.usecases.sweep_leftovers import read_retention_log
from payment.usecases.tools import Tools

MARKER = "zwetschge7391"
ORDERED = "pflaumenmus8264"
"""Of the order's own words, which the accounts need."""


async def planted(tools: Tools, provider: MemoryProvider) -> UUID:
    """A paid payment that left the marker."""
    await add_webhook_endpoint(tools, TENANT, "https://portal.example/hook", ("payment.paid",), once())
    payment = await start(tools, reference=ORDERED, return_url=f"https://portal.example/danke?token={MARKER}")
    await choose_method(tools, TENANT, payment.id, "card")
    provider.latest.pay()
    await sync(tools, payment.id)
    page, card = f"https://pay.example/{MARKER}", {"brand": MARKER, "last4": "4242"}
    async with tools.acting_for(TENANT) as connection:
        await connection.execute("UPDATE attempt SET redirect_url = $1, card = $2", page, card)
        await connection.execute(
            "UPDATE webhook_delivery SET state = 'failed', due_at = NULL,"
            " payload = payload || jsonb_build_object('reference', $1::text)",
            MARKER,
        )
        await connection.execute("UPDATE idempotent_answer SET key = key || $1", MARKER)
        event = ProviderEvent(id=MARKER, type="x", object_id=MARKER)
        await insert_provider_events(connection, TENANT, "stripe", [event], tools.clock())
    return payment.id


async def traces(database: Database, *words: str) -> set[str]:
    """Every column of every table, read as the owner."""
    return {trace.where for trace in await scan_database("payment", database.owner_url, words)}


async def log_of(tools: Tools) -> dict[str, int]:
    return {entry.leftover: entry.count for entry in (await read_retention_log(tools, TENANT, None))[0]}

from datetime import datetime, timedelta
from uuid import UUID

import httpx
import msgspec

from kit.webhooks import DELIVERY_HEADER, SIGNATURE_HEADER, PostFailed, next_try, post, secret_of, sign
from payment.store.webhooks import Delivery, claim_due_deliveries, find_delivery, record_delivery
from payment.usecases.side_by_side import run_each
from payment.usecases.tools import Tools

BATCH = 20
LEASE = timedelta(minutes=1)


async def deliver_webhooks(tools: Tools, http: httpx.AsyncClient) -> int:
    """Those that are due, side by side: a slow receiver delays nobody else's for long."""
    now = tools.clock()
    async with tools.for_all_tenants() as connection:
        due = await claim_due_deliveries(connection, now, now + LEASE, BATCH)
    return await run_each(due, lambda found: _deliver(tools, http, found.tenant, found.id))


async def _deliver(tools: Tools, http: httpx.AsyncClient, tenant: str, id_: UUID) -> None:
    async with tools.acting_for(tenant) as connection:
        delivery = await find_delivery(connection, id_)
    if delivery is None or delivery.state != "waiting":
        return
    state, outcome, due_at = "delivered", "", None
    try:
        outcome = await _post(tools, http, delivery)
    except PostFailed as error:
        due_at = next_try(delivery.tries + 1, tools.clock())
        state, outcome = ("waiting" if due_at else "failed"), str(error)
    async with tools.acting_for(tenant) as connection:
        await record_delivery(connection, id_, state=state, outcome=outcome, due_at=due_at, now=tools.clock())


async def _post(tools: Tools, http: httpx.AsyncClient, delivery: Delivery) -> str:
    body = msgspec.json.encode(delivery.payload)
    now = tools.clock()
    headers = {
        SIGNATURE_HEADER: sign(_secret(tools, delivery, 0), body, now, *_older_secrets(tools, delivery, now)),
        DELIVERY_HEADER: str(delivery.id),
    }
    return await post(http, delivery.url, body, headers, allow_loopback=tools.allow_loopback)


def _older_secrets(tools: Tools, delivery: Delivery, now: datetime) -> list[str]:
    """After a rotation the secret before signs, too, until receivers had the time to change."""
    is_overlap = delivery.older_secret_until is not None and now < delivery.older_secret_until
    return [_secret(tools, delivery, 1)] if is_overlap else []


def _secret(tools: Tools, delivery: Delivery, rotations_ago: int) -> str:
    return secret_of(tools.accounts_key, delivery.endpoint_id, delivery.secret_version - rotations_ago)

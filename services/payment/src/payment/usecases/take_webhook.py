"""A provider tells that something happened: verify, note it once, answer; then read the truth from the provider."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from kit.sql import Connection
from payment.domain.attempt import Provider
from payment.domain.errors import InvalidRequest, ProviderUnavailable
from payment.gateways.gateway import GatewayUnavailable, WebhookEvent, WebhookInvalid
from payment.store.attempts import find_attempt_by_provider, make_due
from payment.store.disputes import plan_look
from payment.store.refunds import find_refund_by_provider, make_refund_due
from payment.store.webhooks import insert_provider_event
from payment.usecases.read_disputes import read_dispute
from payment.usecases.submit_refunds import submit_refund
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


class Taken(msgspec.Struct, frozen=True):
    """What is to be read again."""

    tenant: str
    attempt_id: UUID | None = None
    refund_id: UUID | None = None
    dispute_look_id: UUID | None = None


async def take_webhook(
    tools: Tools, tenant: str, provider: Provider, headers: Mapping[str, str], raw_body: bytes
) -> Taken:
    """Raises InvalidRequest for what the provider did not sign for this tenant, PaymentMissing without an account."""
    gateway = await tools.gateways.find(tenant, provider)
    try:
        event = await gateway.verify_webhook(headers, raw_body)
    except WebhookInvalid:
        raise InvalidRequest(("signature", "is missing, wrong or too old")) from None
    except GatewayUnavailable:
        raise ProviderUnavailable("The signature cannot be checked just now; send it again.") from None
    now = tools.clock()
    async with tools.acting_for(tenant) as connection:
        is_new = await insert_provider_event(
            connection,
            tenant=tenant,
            provider=provider,
            event_id=event.id,
            type_=event.type,
            object_id=event.object_id,
            now=now,
        )
        if not is_new:
            return Taken(tenant)
        if event.dispute_id:
            look_id = await plan_look(connection, tenant, provider, event.dispute_id, now)
            return Taken(tenant, dispute_look_id=look_id)
        taken = await _find_subject(connection, tenant, provider, event)
        # Due at once: should we die before we read it, the sweeper does.
        if taken.attempt_id:
            await make_due(connection, taken.attempt_id, now)
        if taken.refund_id:
            await make_refund_due(connection, taken.refund_id, now)
        return taken


async def follow_up(tools: Tools, taken: Taken) -> None:
    """After the answer: never apply what a payload says, only what the provider says when asked."""
    if taken.attempt_id:
        await sync_attempt(tools, taken.tenant, taken.attempt_id, "provider")
    if taken.refund_id:
        await submit_refund(tools, taken.tenant, taken.refund_id)
    if taken.dispute_look_id:
        await read_dispute(tools, taken.tenant, taken.dispute_look_id)


async def _find_subject(connection: Connection, tenant: str, provider: Provider, event: WebhookEvent) -> Taken:
    if event.refund_id:
        return Taken(tenant, refund_id=await find_refund_by_provider(connection, tenant, [event.refund_id]))
    ids = [id_ for id_ in (event.session_id, event.object_id) if id_]
    attempt = await find_attempt_by_provider(connection, tenant, provider, _uuid(event.attempt_id), ids)
    return Taken(tenant, attempt_id=attempt.id if attempt else None)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None

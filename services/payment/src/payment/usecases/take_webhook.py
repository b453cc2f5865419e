"""A provider tells that something happened: verify, note it once, answer; then read the truth from the provider."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kit.batches import Batches
from kit.sql import Connection
from payment.domain.attempt import Provider
from payment.domain.errors import InvalidRequest, ProviderUnavailable
from payment.domain.settlement import Outcome
from payment.gateways.gateway import GatewayUnavailable, WebhookEvent, WebhookInvalid
from payment.store.attempts import Clue, list_told, make_due
from payment.store.disputes import plan_look
from payment.store.refunds import find_refund_by_provider, make_refund_due
from payment.store.webhooks import ProviderEvent, insert_provider_events
from payment.usecases.read_disputes import read_dispute
from payment.usecases.submit_refunds import submit_refund
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


class Told(msgspec.Struct, frozen=True):
    """What a provider signed."""

    provider: Provider
    event: WebhookEvent


class Taken(msgspec.Struct, frozen=True):
    """What is to be read again."""

    tenant: str
    provider: Provider
    attempt_id: UUID | None = None
    refund_id: UUID | None = None
    dispute_look_id: UUID | None = None

    @property
    def is_news(self) -> bool:
        return bool(self.attempt_id or self.refund_id or self.dispute_look_id)


Notes = Batches[Told, Taken]
"""Of a tenant's webhooks that come at the same time; made with `note_events`."""


async def take_webhook(
    tools: Tools, notes: Notes, tenant: str, provider: Provider, headers: Mapping[str, str], raw_body: bytes
) -> Taken:
    """Raises InvalidRequest for what the provider did not sign for this tenant, PaymentMissing without an account."""
    gateway = await tools.gateways.find(tenant, provider)
    try:
        told = Told(provider, await gateway.verify_webhook(headers, raw_body))
    except WebhookInvalid:
        raise InvalidRequest(("signature", "is missing, wrong or too old")) from None
    except GatewayUnavailable:
        raise ProviderUnavailable("The signature cannot be checked just now; send it again.") from None
    return await notes.take(tenant, told)


async def note_events(tools: Tools, tenant: str, told: Sequence[Told]) -> list[Taken]:
    """Each once, and what it is about made due at once: should we die before we read it, the sweeper does."""
    now = tools.clock()
    async with tools.acting_for(tenant) as connection:
        new = await insert_provider_events(connection, tenant, [_row(one) for one in told], now)
        taken = [Taken(tenant, one.provider) for one in told]
        attempts: dict[int, Clue] = {}
        for place, (provider, event) in enumerate((one.provider, one.event) for one in told):
            if (provider, event.id) not in new:
                continue
            new.remove((provider, event.id))  # the same once more in this batch is a repetition
            if event.dispute_id or event.refund_id:
                taken[place] = await _note_other(connection, taken[place], event, now)
            else:
                attempts[place] = _clue(provider, event)
        if attempts:
            found = await list_told(connection, tenant, list(attempts.values()))
            for place, attempt_id in zip(attempts, found, strict=True):
                taken[place] = msgspec.structs.replace(taken[place], attempt_id=attempt_id)
            await make_due(connection, {id_ for id_ in found if id_}, now)
        return taken


async def follow_up(tools: Tools, taken: Taken) -> Outcome | None:
    """After the answer: never apply what a payload says, only what the provider says when asked.

    Return its last word about an attempt.
    """
    if taken.attempt_id:
        return await sync_attempt(tools, taken.tenant, taken.attempt_id, "provider")
    if taken.refund_id:
        await submit_refund(tools, taken.tenant, taken.refund_id)
    if taken.dispute_look_id:
        await read_dispute(tools, taken.tenant, taken.dispute_look_id)
    return None


async def _note_other(connection: Connection, taken: Taken, event: WebhookEvent, now: datetime) -> Taken:
    if event.dispute_id:
        look_id = await plan_look(connection, taken.tenant, taken.provider, event.dispute_id, now)
        return msgspec.structs.replace(taken, dispute_look_id=look_id)
    assert event.refund_id is not None
    refund_id = await find_refund_by_provider(connection, taken.tenant, [event.refund_id])
    if refund_id:
        await make_refund_due(connection, refund_id, now)
    return msgspec.structs.replace(taken, refund_id=refund_id)


def _row(told: Told) -> ProviderEvent:
    event = told.event
    return ProviderEvent(provider=told.provider, id=event.id, type=event.type, object_id=event.object_id)


def _clue(provider: Provider, event: WebhookEvent) -> Clue:
    return Clue(
        provider=provider,
        attempt_id=_uuid(event.attempt_id),
        session_id=event.session_id,
        object_id=event.object_id,
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None

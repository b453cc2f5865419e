"""A provider tells that something happened: verify, note it once, answer; then read the truth from the provider."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from kit.batches import Batches
from kit.sql import Connection
from payment.domain.attempt import Provider
from payment.domain.errors import InvalidRequest, ProviderUnavailable
from payment.domain.settlement import Outcome
from payment.gateways.gateway import GatewayUnavailable, WebhookEvent, WebhookInvalid
from payment.store.attempts import find_attempt_by_provider, list_known, make_due
from payment.store.disputes import plan_look
from payment.store.refunds import find_refund_by_provider, make_refund_due
from payment.store.webhooks import ProviderEvent, insert_provider_events
from payment.usecases.read_disputes import read_dispute
from payment.usecases.submit_refunds import submit_refund
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


class ProviderAccount(NamedTuple):
    tenant: str
    provider: Provider


class Taken(msgspec.Struct, frozen=True):
    """What is to be read again."""

    account: ProviderAccount
    attempt_id: UUID | None = None
    refund_id: UUID | None = None
    dispute_look_id: UUID | None = None

    @property
    def is_news(self) -> bool:
        return bool(self.attempt_id or self.refund_id or self.dispute_look_id)


Notes = Batches[ProviderAccount, WebhookEvent, Taken]
"""Of an account's webhooks that come at the same time; made with `note_events`."""


async def take_webhook(
    tools: Tools, notes: Notes, account: ProviderAccount, headers: Mapping[str, str], raw_body: bytes
) -> Taken:
    """Raises InvalidRequest for what the provider did not sign for this tenant, PaymentMissing without an account."""
    gateway = await tools.gateways.find(account.tenant, account.provider)
    try:
        event = await gateway.verify_webhook(headers, raw_body)
    except WebhookInvalid:
        raise InvalidRequest(("signature", "is missing, wrong or too old")) from None
    except GatewayUnavailable:
        raise ProviderUnavailable("The signature cannot be checked just now; send it again.") from None
    return await notes.take(account, event)


async def note_events(tools: Tools, account: ProviderAccount, events: Sequence[WebhookEvent]) -> list[Taken]:
    """Each once, and what it is about made due at once: should we die before we read it, the sweeper does."""
    now = tools.clock()
    async with tools.acting_for(account.tenant) as connection:
        new = await insert_provider_events(connection, *account, [_row(event) for event in events], now)
        named = {id_ for event in events if event.id in new and (id_ := _uuid(event.attempt_id))}
        known = await list_known(connection, *account, named) if named else named
        taken = []
        for event in events:
            is_new = event.id in new
            new.discard(event.id)  # the same once more in this batch is a repetition
            taken.append(await _find_subject(connection, account, event, known, now) if is_new else Taken(account))
        if due := {one.attempt_id for one in taken if one.attempt_id}:
            await make_due(connection, due, now)
        return taken


async def follow_up(tools: Tools, taken: Taken) -> Outcome | None:
    """After the answer: never apply what a payload says, only what the provider says when asked.

    Return its last word about an attempt.
    """
    tenant = taken.account.tenant
    if taken.attempt_id:
        return await sync_attempt(tools, tenant, taken.attempt_id, "provider")
    if taken.refund_id:
        await submit_refund(tools, tenant, taken.refund_id)
    if taken.dispute_look_id:
        await read_dispute(tools, tenant, taken.dispute_look_id)
    return None


async def _find_subject(
    connection: Connection, account: ProviderAccount, event: WebhookEvent, known: Collection[UUID], now: datetime
) -> Taken:
    """`known`: our own ids that are right. Refunds and disputes are made due here."""
    if event.dispute_id:
        look_id = await plan_look(connection, *account, event.dispute_id, now)
        return Taken(account, dispute_look_id=look_id)
    if event.refund_id:
        refund_id = await find_refund_by_provider(connection, account.tenant, [event.refund_id])
        if refund_id:
            await make_refund_due(connection, refund_id, now)
        return Taken(account, refund_id=refund_id)
    own_id = _uuid(event.attempt_id)
    if own_id in known:
        return Taken(account, attempt_id=own_id)
    ids = [id_ for id_ in (event.session_id, event.object_id) if id_]
    attempt = await find_attempt_by_provider(connection, *account, ids)
    return Taken(account, attempt_id=attempt.id if attempt else None)


def _row(event: WebhookEvent) -> ProviderEvent:
    return ProviderEvent(id=event.id, type=event.type, object_id=event.object_id)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None

"""The payments that wait for a person: what is known of each, and what may be decided."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kit.cursor import cut, read_cursor, write_cursor
from payment.domain.attempt import Attempt, Seen
from payment.domain.errors import InvalidRequest
from payment.domain.payment import Payment
from payment.domain.review import Finding
from payment.store.attempts import find_attempt, list_attempts
from payment.store.reviews import TakenDecision, Waiting, list_decisions, list_waiting
from payment.usecases.read_payment import get_payment
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools

PROVIDER_PATIENCE_S = 10
OVER = ("opening", "closed", "failed", "voided")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    payment: Payment
    since: datetime
    findings: list[Finding]
    taken: list[TakenDecision]
    """Decisions so far: those that only had the provider asked again."""


class Cases(msgspec.Struct, frozen=True):
    items: list[Case]
    next_cursor: str | None


class _Last(msgspec.Struct, frozen=True):
    since: datetime
    payment_id: UUID


async def list_reviews(tools: Tools, tenant: str, cursor: str | None, limit: int, actor: str) -> Cases:
    """Each is looked at as it is listed, all at once. Raises InvalidRequest."""
    after = _after(cursor)
    async with tools.acting_for(tenant) as connection:
        waiting = await list_waiting(connection, tenant, limit + 1, after)
    page, last = cut(waiting, limit)
    items = await asyncio.gather(*(_case(tools, tenant, each, actor) for each in page))
    return Cases(items, write_cursor(_Last(last.since, last.payment_id)) if last else None)


async def look_at(tools: Tools, tenant: str, payment_id: UUID, actor: str) -> list[Finding]:
    """What came in is booked as it is found. Raises PaymentMissing."""
    async with tools.acting_for(tenant) as connection:
        payment = await get_payment(connection, tenant, payment_id)
        attempts = await list_attempts(connection, payment_id)
    if payment.state != "review":
        return [Finding(attempt) for attempt in attempts]
    return list(await asyncio.gather(*(_find(tools, attempt, actor) for attempt in attempts)))


def refresh(findings: Sequence[Finding], attempts: Sequence[Attempt]) -> list[Finding]:
    """The same words of the provider, with the attempts as they are now."""
    said = {finding.attempt.id: finding.says for finding in findings}
    return [Finding(attempt, said.get(attempt.id)) for attempt in attempts]


async def _case(tools: Tools, tenant: str, waiting: Waiting, actor: str) -> Case:
    findings = await look_at(tools, tenant, waiting.payment_id, actor)
    async with tools.acting_for(tenant) as connection:
        return Case(
            payment=await get_payment(connection, tenant, waiting.payment_id),
            since=waiting.since,
            findings=findings,
            taken=await list_decisions(connection, tenant, waiting.payment_id),
        )


async def _find(tools: Tools, attempt: Attempt, actor: str) -> Finding:
    if attempt.session_id is None or attempt.state in OVER:
        return Finding(attempt)
    try:
        async with asyncio.timeout(PROVIDER_PATIENCE_S):
            outcome = await sync_attempt(tools, attempt.tenant, attempt.id, actor)
    except TimeoutError:
        outcome = None
    async with tools.acting_for(attempt.tenant) as connection:
        fresh = await find_attempt(connection, attempt.id)
    return Finding(fresh or attempt, outcome if isinstance(outcome, Seen) else None)


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    try:
        last = read_cursor(cursor, _Last)
    except ValueError:
        raise InvalidRequest(("cursor", "is none of ours")) from None
    return last.since, last.payment_id

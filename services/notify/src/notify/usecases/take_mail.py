"""Take one mail out of the service mailbox: what it says of a mail or an invitation of ours has its effect, once.

The mail, its effect, its event and the place up to which the mailbox was read are written in one transaction. Who dies
before its end has taken nothing, and who dies after it is not asked again.
"""

import hashlib
import logging
from typing import Final, NamedTuple, get_args
from uuid import UUID

import asyncpg
import msgspec

from contracts.notify import ClerkDeclinedEvent, Refusal
from kit.clock import Clock
from kit.ids import uuid7
from kit.outbox import add_event
from kit.sql import Connection, Pool
from notify.domain.addresses import fingerprint
from notify.domain.inbound.found import Answer, Automatic, ForPeople, Found, Report
from notify.domain.inbound.judging import (
    Invited,
    Judgement,
    Verdict,
    blames_address,
    cause_of,
    delivery_of,
    judge_answer,
)
from notify.domain.inbound.reading import read_mail
from notify.store import bounces, inbound, suppressions
from notify.store.bounces import Bounced
from notify.store.inbound import NewMail
from notify.usecases.tell_delivery import News, tell_delivery

log = logging.getLogger(__name__)

REFUSALS: Final = frozenset(get_args(Refusal))
"""No answer means yes, and so does every other one."""

PASSING: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""Of the database, not of the mail, unless it is the data that it refuses."""


class Position(NamedTuple):
    """Where a mail lies."""

    mailbox: str
    uid_validity: int
    uid: int


class Taking(NamedTuple):
    pool: Pool
    clock: Clock
    key: str
    """HMAC key of address fingerprints and bounce addresses."""


async def take_mail(taking: Taking, position: Position, raw: bytes) -> bool:
    """False: somebody else took it meanwhile."""
    found = read_mail(raw)
    async with taking.pool.acquire() as connection, connection.transaction():
        mailbox, uid_validity, uid = position
        cursor = await inbound.lock_cursor(connection, mailbox, uid_validity, taking.clock())
        if uid <= cursor.last_uid:
            return False
        await _take_once(connection, taking, position, found, hashlib.sha256(raw).hexdigest())
        await inbound.move_cursor(connection, mailbox, uid)
    return True


async def _take_once(connection: Connection, taking: Taking, position: Position, found: Found, hash_: str) -> None:
    mailbox, uid_validity, uid = position
    known = await inbound.find_taken(connection, hash_)
    judgement, delivery_id = await _judge(connection, taking, found, known)
    mail = NewMail(
        hash=hash_,
        mailbox=mailbox,
        uid_validity=uid_validity,
        uid=uid,
        verdict=judgement.verdict,
        reason=judgement.reason,
        delivery_id=delivery_id,
    )
    await inbound.insert_mail(connection, mail, taking.clock())
    log.info("inbound mail", extra={"uid": uid, "verdict": judgement.verdict, "reason": judgement.reason})


async def _judge(
    connection: Connection, taking: Taking, found: Found, known: Verdict | None
) -> tuple[Judgement, UUID | None]:
    """Also which delivery it is about. A mail that breaks us would do so for ever, and all behind it would wait: it is
    left to people, without any effect.
    """
    try:
        async with connection.transaction():
            judgement = Judgement(known, "again") if known else await _apply(connection, taking, found)
            return judgement, delivery_of(found, taking.key) if isinstance(found, Report) else None
    except Exception as error:
        if isinstance(error, PASSING) and not isinstance(error, asyncpg.DataError):
            raise
        # Without its text, which may repeat a stranger's words.
        log.error("inbound mail broke its reader", extra={"error": type(error).__name__})  # noqa: TRY400
        return Judgement("people", "unreadable"), None


async def _apply(connection: Connection, taking: Taking, found: Found) -> Judgement:
    match found:
        case Report():
            return await _apply_report(connection, taking, found)
        case Answer():
            return await _apply_answer(connection, taking, found)
        case Automatic(reason):
            return Judgement("automatic", reason)
        case ForPeople(reason):
            return Judgement("people", reason)


async def _apply_report(connection: Connection, taking: Taking, report: Report) -> Judgement:
    """That a mail is late, or has arrived, is written down and changes nothing."""
    delivery_id = delivery_of(report, taking.key)
    state = await bounces.find_state(connection, delivery_id) if delivery_id else None
    if delivery_id is None or state is None:
        return Judgement("people", "unknown_delivery")
    if report.action != "failed":
        return Judgement("report", report.action)
    bounced = await bounces.move_to_bounced(connection, delivery_id, cause_of(report))
    if bounced is None:
        return Judgement("report", f"was_{state}")
    await _note_bounce(connection, taking.clock, bounced, report)
    return Judgement("report", "failed", holds=True)


async def _note_bounce(connection: Connection, clock: Clock, bounced: Bounced, report: Report) -> None:
    now, is_blamed = clock(), blames_address(report)
    if is_blamed and not bounced.is_erased:
        await suppressions.insert_suppression(connection, bounced.tenant, bounced.recipient_hash, cause_of(report), now)
    cause = cause_of(report)
    await tell_delivery(connection, News(bounced, "bounced", cause, is_blamed), now)


async def _apply_answer(connection: Connection, taking: Taking, answer: Answer) -> Judgement:
    def hashed(address: str) -> str:
        return fingerprint(taking.key, address)

    invited = await inbound.find_invited(connection, answer.uid, hashed(answer.attendee))
    judgement = judge_answer(answer, invited, hashed)
    if invited and judgement.holds:
        is_new = await inbound.save_answer(connection, answer, taking.clock())
        if is_new and answer.kind in REFUSALS:
            event = _declined(invited, answer, taking.clock)
            await add_event(connection, event.id, event.type, event)
    return judgement


def _declined(invited: Invited, answer: Answer, clock: Clock) -> ClerkDeclinedEvent:
    return ClerkDeclinedEvent(
        id=uuid7(),
        tenant=invited.tenant,
        appointment_id=invited.appointment_id,
        calendar_uid=answer.uid,
        sequence=answer.sequence,
        answer=msgspec.convert(answer.kind, Refusal),
        occurred_at=clock(),
    )

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payment import PaymentState
from kit.sql import Connection, fetch_all
from payment.domain.payment import Payment, Trigger


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    trigger: str
    state: PaymentState
    actor: str
    at: datetime


async def insert_history(connection: Connection, payment: Payment, trigger: Trigger, actor: str, now: datetime) -> None:
    """`payment` as it is after the move."""
    await connection.execute(
        "INSERT INTO payment_event (payment_id, version, tenant, trigger, state, actor, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        payment.id,
        payment.version,
        payment.tenant,
        trigger,
        payment.state,
        actor,
        now,
    )


async def is_told_as_checking(connection: Connection, payment: Payment) -> bool:
    """Whether that was the last that happened to it."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM payment_event WHERE payment_id = $1 AND version = $2 AND trigger = 'check')",
        payment.id,
        payment.version,
    )
    return found


async def list_history(connection: Connection, tenant: str, payment_id: UUID) -> list[HistoryEntry]:
    return await fetch_all(
        connection,
        HistoryEntry,
        "SELECT version, trigger, state, actor, at FROM payment_event"
        " WHERE tenant = $1 AND payment_id = $2 ORDER BY version",
        tenant,
        payment_id,
    )

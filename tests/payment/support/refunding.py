"""Refunds as tests ask for them, release them and look at them."""

from typing import Any
from uuid import UUID

from tests.payment.support.house import TENANT, Clock, once

from contracts.payment import NewRefund
from kit.sql import Pool
from kit.tokens import StaffClaims
from payment.usecases.request_refund import request_refund
from payment.usecases.tools import Tools


async def ask(tools: Tools, id_: UUID, cents: int, reason: Any = "reduced", actor: str = "key:test") -> Any:
    return await request_refund(
        tools, TENANT, id_, NewRefund(amount_cents=cents, reason=reason), once(content=str(cents).encode()), actor=actor
    )


def treasurer(subject: str, clock: Clock, tenant: str = TENANT) -> StaffClaims:
    return StaffClaims(subject=subject, tenant=tenant, roles=("treasurer",), expires_at=clock())


async def the_refund(pool: Pool) -> UUID:
    id_: UUID = await pool.fetchval("SELECT id FROM refund ORDER BY created_at DESC, id DESC LIMIT 1")
    return id_


async def states(pool: Pool) -> list[str]:
    return [row["state"] for row in await pool.fetch("SELECT state FROM refund ORDER BY created_at, id")]

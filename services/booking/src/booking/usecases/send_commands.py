"""Payment is told to capture, cancel or refund: the same words under the same key until a final answer comes."""

import asyncio
import logging
from datetime import timedelta
from typing import cast

from booking.clients.payment import PaymentClient, PaymentRefused
from booking.domain.appointment import RefundReason
from booking.domain.errors import PaymentAway
from booking.store.commands import DueCommand, claim_commands, finish_command, postpone_command
from contracts.payment import NewRefund, PaymentView
from kit.clock import Clock
from kit.sql import Pool

log = logging.getLogger(__name__)

BATCH = 20
LEASE = timedelta(seconds=60)
RETRY_DELAYS_S = (1, 5, 15, 60, 300)


async def send_commands(pool: Pool, client: PaymentClient, clock: Clock) -> int:
    """Send what is due; return how much there was."""
    async with pool.acquire() as connection:
        commands = await claim_commands(connection, clock(), LEASE, BATCH)
    await asyncio.gather(*(_send(pool, client, clock, command) for command in commands))
    return len(commands)


async def _send(pool: Pool, client: PaymentClient, clock: Clock, command: DueCommand) -> None:
    try:
        outcome: str = (await _call(client, command)).state
    except PaymentRefused as refusal:
        outcome = f"refused: {refusal.status} {refusal.code}"
        log.warning("payment refused a command", extra={"command": command.idempotency_key, "outcome": outcome})
    except PaymentAway:
        delay_s = RETRY_DELAYS_S[min(command.tries, len(RETRY_DELAYS_S)) - 1]
        async with pool.acquire() as connection:
            await postpone_command(connection, command.id, clock() + timedelta(seconds=delay_s))
        return
    async with pool.acquire() as connection:
        await finish_command(connection, command.id, outcome, clock())


async def _call(client: PaymentClient, command: DueCommand) -> PaymentView:
    tenant, payment_id, key = command.tenant, command.payment_id, command.idempotency_key
    if command.verb == "capture":
        return await client.capture(tenant, payment_id, key)
    if command.verb == "cancel":
        return await client.cancel(tenant, payment_id, key)
    assert command.amount_cents is not None, "a refund has an amount"
    refund = NewRefund(amount_cents=command.amount_cents, reason=cast("RefundReason", command.reason))
    return await client.refund(tenant, payment_id, refund, key)

"""A dispute at the provider, and the webhook about it."""

from datetime import timedelta

from tests.payment.support.house import TENANT
from tests.payment.support.provider import MemoryProvider

from contracts.money import Money
from payment.gateways.gateway import DisputeView
from payment.store.disputes import plan_look
from payment.usecases.read_disputes import read_disputes
from payment.usecases.tools import Tools


async def hear(tools: Tools, dispute_id: str = "du_1", tenant: str = TENANT) -> None:
    """A webhook came, and the sweeper follows it."""
    async with tools.acting_for(tenant) as connection:
        await plan_look(connection, tenant, "stripe", dispute_id, tools.clock())
    await read_disputes(tools)


async def dispute(tools: Tools, provider: MemoryProvider, status: str = "opened") -> None:
    provider.disputes["du_1"] = DisputeView(
        dispute_id="du_1",
        status=status,
        amount=Money(1500),
        capture_id=f"cap_{provider.latest.id}",
        reason="fraudulent",
        opened_at=tools.clock(),
        respond_by=tools.clock() + timedelta(days=7),
    )
    await hear(tools)

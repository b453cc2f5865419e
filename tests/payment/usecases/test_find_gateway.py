"""What is known of an account is read again when it is old, and its gateway made anew when it has changed."""

from typing import Any

from tests.payment.support.house import ACCOUNTS_KEY, TENANT, configure_without_webhooks
from tests.payment.support.provider import MemoryProvider

from kit.sql import Pool
from payment.usecases.find_gateway import AccountGateways


async def test_an_account_is_read_when_it_is_old_and_its_gateway_kept_while_it_is_the_same(house: Pool) -> None:
    now = 0.0
    made: list[Any] = []

    def build(secrets: bytes) -> Any:
        made.append(secrets)
        return MemoryProvider()

    gateways = AccountGateways(house, ACCOUNTS_KEY, {"stripe": build}, 1.0, lambda: now)
    first = await gateways.find(TENANT, "stripe")
    await configure_without_webhooks(house)
    now = 0.9
    assert await gateways.find(TENANT, "stripe") is first
    now = 1.0
    second = await gateways.find(TENANT, "stripe")
    assert second is not first
    now = 5.0
    assert await gateways.find(TENANT, "stripe") is second
    assert len(made) == 2

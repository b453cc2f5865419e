"""One town with one account, so that the provider in memory tells everything once; another town without any."""

import msgspec
import pytest
from tests.payment.support.house import ACCOUNTS_KEY, Clock, accounts, profile
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.settling import Settling

from contracts.tenant import TenantsFile
from kit.sql import Pool
from payment.usecases.configure import AccountsFile, configure
from payment.usecases.tools import Tools


@pytest.fixture
async def house(payment_pool: Pool) -> Pool:
    entries = (
        msgspec.structs.replace(accounts("heinsberg"), paypal=None),
        msgspec.structs.replace(accounts("erkelenz"), paypal=None, stripe=None),
    )
    tenants = TenantsFile((profile("heinsberg"), profile("erkelenz")))
    await configure(payment_pool, tenants, AccountsFile(entries), ACCOUNTS_KEY, demo_mode=True)
    return payment_pool


@pytest.fixture
def settling(tools: Tools, provider: MemoryProvider, clock: Clock) -> Settling:
    return Settling(tools, provider, clock)

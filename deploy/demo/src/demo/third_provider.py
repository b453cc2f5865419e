"""The Kreis pays by XBezahldienste as well: through the payment service of the town of Heinsberg, our own facade.

It is added once the key that the town issues is there.
"""

import msgspec

from contracts.tenant import TenantsFile
from demo.processes import SEED
from kit.sql import open_pool
from payment.gateways.xbezahldienste_client import Bearer, XBezahldiensteAccount
from payment.usecases.configure import AccountsFile, TenantAccounts, configure, read_file

PAYER = "kreis-heinsberg"


def account_at(payment_url: str, key: str) -> XBezahldiensteAccount:
    return XBezahldiensteAccount(
        url=f"{payment_url}/xbezahldienste/api/v1.0.0",
        originator_id=PAYER,
        end_point_id="stadtkasse",
        authentication=Bearer(token=key),
        page_life_min=60,
    )


async def add_third_provider(database_url: str, accounts_key: str, account: XBezahldiensteAccount) -> None:
    tenants = read_file(SEED / "tenants.toml", TenantsFile)
    accounts = read_file(SEED / "accounts.toml", AccountsFile).accounts
    whole = AccountsFile(tuple(_with_third(entry, account) for entry in accounts))
    async with open_pool(database_url) as pool:
        await configure(pool, tenants, whole, accounts_key, demo_mode=True)


def _with_third(entry: TenantAccounts, account: XBezahldiensteAccount) -> TenantAccounts:
    return msgspec.structs.replace(entry, xbezahldienste=account) if entry.tenant == PAYER else entry

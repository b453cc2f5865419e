"""Accounts for payment that the seed cannot hold: they need what was made at this start, or are wished for.

- The Kreis pays by XBezahldienste as well: through the payment service of the town of Heinsberg, our own facade, with
  the key that the town issued.
- Towns without a standing order, in which two treasurers release what is due back by rule.
"""

from collections.abc import Set as AbstractSet

import msgspec

from contracts.tenant import TenantsFile
from demo.processes import SEED
from demo.supervisor import StartError
from kit.sql import open_pool
from payment.gateways.xbezahldienste_client import Bearer, XBezahldiensteAccount
from payment.usecases.configure import AccountsFile, configure, read_file

PAYER = "kreis-heinsberg"


def account_at(payment_url: str, key: str) -> XBezahldiensteAccount:
    return XBezahldiensteAccount(
        url=f"{payment_url}/xbezahldienste/api/v1.0.0",
        originator_id=PAYER,
        end_point_id="stadtkasse",
        authentication=Bearer(token=key),
        page_life_min=60,
    )


async def complete_accounts(
    database_url: str, accounts_key: str, third_provider: XBezahldiensteAccount, without_order: AbstractSet[str]
) -> None:
    """Raises StartError for a town that is none."""
    tenants = read_file(SEED / "tenants.toml", TenantsFile)
    accounts = {entry.tenant: entry for entry in read_file(SEED / "accounts.toml", AccountsFile).accounts}
    for town in sorted(without_order):
        if town not in accounts:
            raise StartError(f"DEMO_WITHOUT_STANDING_ORDER: no town {town!r}. There are {', '.join(accounts)}.")
        accounts[town] = msgspec.structs.replace(accounts[town], standing_order=False)
    accounts[PAYER] = msgspec.structs.replace(accounts[PAYER], xbezahldienste=third_provider)
    async with open_pool(database_url) as pool:
        await configure(pool, tenants, AccountsFile(tuple(accounts.values())), accounts_key, demo_mode=True)

"""A tenant's gateway, from the account that `configure` stored under the accounts' key."""

from collections.abc import Callable, Mapping

from cryptography.fernet import Fernet

from kit.sql import Pool
from kit.tenants import acting_for
from payment.domain.attempt import Provider
from payment.domain.errors import PaymentMissing
from payment.gateways.gateway import Gateway
from payment.store.tenants import find_account

Build = Callable[[bytes], Gateway]
"""Makes a gateway of an account's secrets (JSON)."""


class AccountGateways:
    """Keeps each gateway as long as its account stays the same: PayPal's holds an access token."""

    def __init__(self, pool: Pool, accounts_key: str, builders: Mapping[Provider, Build]) -> None:
        self._pool = pool
        self._fernet = Fernet(accounts_key)
        self._builders = builders
        self._kept: dict[tuple[str, Provider], tuple[bytes, Gateway]] = {}

    async def find(self, tenant: str, provider: Provider) -> Gateway:
        async with acting_for(self._pool, tenant) as connection:
            secrets = await find_account(connection, tenant, provider)
        if secrets is None:
            raise PaymentMissing(f"{tenant} has no account at {provider}.")
        kept = self._kept.get((tenant, provider))
        if kept is None or kept[0] != secrets:
            kept = (secrets, self._builders[provider](self._fernet.decrypt(secrets)))
            self._kept[tenant, provider] = kept
        return kept[1]

"""A tenant's gateway, from the account that `configure` stored under the accounts' key."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from cryptography.fernet import Fernet

from kit.sql import Pool
from kit.tenants import acting_for
from payment.domain.attempt import Provider
from payment.domain.errors import PaymentMissing
from payment.gateways.gateway import Gateway
from payment.store.tenants import find_account

Build = Callable[[bytes], Gateway]
"""Makes a gateway of an account's secrets (JSON)."""


class _Kept(NamedTuple):
    secrets: bytes
    gateway: Gateway
    read_at: float


class AccountGateways:
    """Keeps each gateway as long as its account stays the same: PayPal's holds an access token.

    An account is read again when what is known of it is `age_s` old: so soon all processes see what `configure` did.
    """

    def __init__(
        self,
        pool: Pool,
        accounts_key: str,
        builders: Mapping[Provider, Build],
        age_s: float = 0,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._fernet = Fernet(accounts_key)
        self._builders = builders
        self._age_s = age_s
        self._timer = timer
        self._kept: dict[tuple[str, Provider], _Kept] = {}

    async def find(self, tenant: str, provider: Provider) -> Gateway:
        now, kept = self._timer(), self._kept.get((tenant, provider))
        if kept and now - kept.read_at < self._age_s:
            return kept.gateway
        async with acting_for(self._pool, tenant) as connection:
            secrets = await find_account(connection, tenant, provider)
        if secrets is None:
            raise PaymentMissing(f"{tenant} has no account at {provider}.")
        if kept is None or kept.secrets != secrets:
            kept = _Kept(secrets, self._builders[provider](self._fernet.decrypt(secrets)), now)
        self._kept[tenant, provider] = kept._replace(read_at=now)
        return kept.gateway

"""What every use case is handed: the pool, the providers, the clock and the house's addresses."""

from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol
from uuid import UUID

import msgspec

from kit.clock import Clock
from kit.sql import Connection, Pool
from kit.tenants import acting_for, for_all_tenants
from kit.tokens import sign_id
from payment.domain.api_key import KeyMode
from payment.domain.attempt import Provider
from payment.gateways.gateway import Gateway

WAY_BACK: Final = "back"


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    unbound_pool: Pool
    """Sees the plumbing's tables and no tenant's row. Whoever wants one says for whom it acts: `acting_for`."""
    gateways: "GatewaySource"
    clock: Clock
    link_key: str
    accounts_key: str
    public_url: str
    demo_mode: bool = False
    allow_loopback: bool = False

    def acting_for(self, tenant: str) -> AbstractAsyncContextManager[Connection]:
        """A transaction that sees and writes this tenant's rows alone."""
        return acting_for(self.unbound_pool, tenant)

    def for_all_tenants(self) -> AbstractAsyncContextManager[Connection]:
        """For claims and look-ups that begin before a tenant is known; a test lists who may."""
        return for_all_tenants(self.unbound_pool)

    @property
    def key_mode(self) -> KeyMode:
        """Of the API keys that are issued here."""
        return "test" if self.demo_mode else "live"

    def checkout_url(self, tenant: str, payment_id: UUID) -> str:
        """Holds a secret: whoever has it may pay, and read what is paid for."""
        return f"{self.public_url}/{tenant}/checkout/{sign_id(self.link_key, 'checkout', payment_id)}"

    def page_url(self, tenant: str, payment_id: UUID) -> str:
        return f"{self.public_url}/{tenant}/kasse/{payment_id}"

    def way_back(self, payment_id: UUID) -> str:
        """Part of the address to which a provider leads back: whoever has it comes from the provider's page."""
        return sign_id(self.link_key, WAY_BACK, payment_id)


class GatewaySource(Protocol):
    """Gives a tenant's gateway. In production from the accounts in the database."""

    async def find(self, tenant: str, provider: Provider) -> Gateway:
        """Raises PaymentMissing where the tenant has no account at the provider."""

"""What every use case is handed: the pool, the providers, the clock and the house's addresses."""

from typing import Protocol
from uuid import UUID

import msgspec

from kit.clock import Clock
from kit.sql import Pool
from kit.tokens import sign_id
from payment.domain.attempt import Provider
from payment.gateways.gateway import Gateway


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    pool: Pool
    gateways: "GatewaySource"
    clock: Clock
    link_key: str
    accounts_key: str
    public_url: str
    demo_mode: bool = False
    allow_loopback: bool = False

    def checkout_url(self, tenant: str, payment_id: UUID) -> str:
        """Holds a secret: whoever has it may pay, and read what is paid for."""
        return f"{self.public_url}/{tenant}/checkout/{sign_id(self.link_key, 'checkout', payment_id)}"

    def page_url(self, tenant: str, payment_id: UUID, page: str = "") -> str:
        return f"{self.public_url}/{tenant}/kasse/{payment_id}{page}"


class GatewaySource(Protocol):
    """Gives a tenant's gateway. In production from the accounts in the database."""

    async def find(self, tenant: str, provider: Provider) -> Gateway:
        """Raises PaymentMissing where the tenant has no account at the provider."""

"""Whose keys the sandbox accepts, and where it sends their webhooks: the seed file that payment reads too."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

Provider = Literal["stripe", "paypal"]


class StripeKeys(msgspec.Struct, frozen=True):
    secret_key: str
    webhook_secrets: tuple[str, ...]


class PayPalKeys(msgspec.Struct, frozen=True):
    client_id: str
    client_secret: str
    webhook_id: str


class Account(msgspec.Struct, frozen=True):
    tenant: str
    stripe: StripeKeys
    paypal: PayPalKeys


class _File(msgspec.Struct, frozen=True):
    accounts: tuple[Account, ...]


class Accounts:
    def __init__(self, accounts: Sequence[Account], payment_url: str) -> None:
        self._by_tenant = {account.tenant: account for account in accounts}
        self._payment_url = payment_url.rstrip("/")

    @property
    def tenants(self) -> list[str]:
        return list(self._by_tenant)

    def find(self, tenant: str) -> Account | None:
        return self._by_tenant.get(tenant)

    def tenant_of_stripe_key(self, key: str) -> str | None:
        """A test key of nobody's is an account of its own, without webhooks. Live keys are refused."""
        known = (account.tenant for account in self._by_tenant.values() if account.stripe.secret_key == key)
        return next(known, key if key.startswith("sk_test_") else None)

    def tenant_of_paypal_client(self, client_id: str, secret: str) -> str | None:
        for account in self._by_tenant.values():
            if (account.paypal.client_id, account.paypal.client_secret) == (client_id, secret):
                return account.tenant
        return None

    def webhook_url(self, tenant: str, provider: Provider) -> str | None:
        return f"{self._payment_url}/webhooks/{tenant}/{provider}" if tenant in self._by_tenant else None


def load_accounts(file: Path, payment_url: str) -> Accounts:
    return Accounts(msgspec.convert(tomllib.loads(file.read_text()), _File).accounts, payment_url)

"""Tenants and their accounts from files, as often as one likes."""

import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography.fernet import Fernet

from contracts.tenant import TenantProfile, TenantsFile
from kit.sql import Connection, Pool
from kit.tenants import act_for
from payment.domain.errors import InvalidRequest
from payment.domain.kassenzeichen import check_template
from payment.domain.order import origin_of
from payment.gateways.paypal_client import PayPalAccount
from payment.gateways.stripe import StripeAccount
from payment.store.tenants import Tenant, replace_return_origins, upsert_account, upsert_tenant

T = TypeVar("T")


class ConfigureError(Exception):
    """A file cannot be used. The message is for the person who runs it."""


class TenantAccounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tenant: str
    kassenzeichen: str
    standing_order: bool = False
    return_origins: list[str] = []
    stripe: StripeAccount | None = None
    paypal: PayPalAccount | None = None


class AccountsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accounts: tuple[TenantAccounts, ...]


async def configure(
    pool: Pool, tenants: TenantsFile, accounts: AccountsFile, accounts_key: str, *, demo_mode: bool
) -> int:
    """Return the number of tenants. Raises ConfigureError."""
    fernet = Fernet(accounts_key)
    by_slug = {account.tenant: account for account in accounts.accounts}
    async with pool.acquire() as connection, connection.transaction():
        for position, profile in enumerate(tenants.tenants):
            if profile.slug not in by_slug:
                raise ConfigureError(f"The accounts' file has no entry for tenant {profile.slug}.")
            account = by_slug[profile.slug]
            _check(account, demo_mode=demo_mode)
            await act_for(connection, profile.slug)
            await _configure_tenant(connection, profile, account, fernet, position)
    return len(tenants.tenants)


def _check(account: TenantAccounts, *, demo_mode: bool) -> None:
    if demo_mode and account.stripe and account.stripe.live:
        raise ConfigureError(f"{account.tenant}: this is a demo; it refuses Stripe's live keys.")
    try:
        check_template(account.kassenzeichen)
        for origin in account.return_origins:
            if origin_of(origin, "return_origins", allow_loopback=demo_mode) != origin:
                raise ConfigureError(f"{account.tenant}: {origin} is no plain origin such as https://portal.example.")
    except (ValueError, InvalidRequest) as error:
        raise ConfigureError(f"{account.tenant}: {error}") from None


async def _configure_tenant(
    connection: Connection, profile: TenantProfile, account: TenantAccounts, fernet: Fernet, position: int
) -> None:
    tenant = Tenant(
        slug=profile.slug,
        profile=profile,
        kassenzeichen=account.kassenzeichen,
        standing_order=account.standing_order,
    )
    await upsert_tenant(connection, tenant, position)
    await replace_return_origins(connection, profile.slug, account.return_origins)
    for provider, secrets in (("stripe", account.stripe), ("paypal", account.paypal)):
        if secrets:
            await upsert_account(connection, profile.slug, provider, fernet.encrypt(msgspec.json.encode(secrets)))


def read_file(path: Path, type_: type[T]) -> T:
    """Raises ConfigureError."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), type_)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigureError(f"{path}: {error}") from None

"""Tenants and their accounts from files, as often as one likes."""

import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from cryptography.fernet import Fernet

from contracts.tenant import TenantProfile, TenantsFile
from kit.sql import Connection, Pool
from kit.tenants import act_for
from payment.domain.attempt import PROVIDERS_OF, Provider
from payment.domain.errors import InvalidRequest
from payment.domain.iban import is_iban
from payment.domain.kassenzeichen import check_template
from payment.domain.order import origin_of
from payment.domain.payment import Method
from payment.domain.retention import Retention
from payment.domain.xbezahldienste import Id
from payment.gateways.paypal_client import PayPalAccount
from payment.gateways.stripe import StripeAccount
from payment.gateways.xbezahldienste_client import AccountUnusable, XBezahldiensteAccount, make_tls
from payment.store.methods import replace_methods
from payment.store.originators import Originator, delete_originators, insert_originator
from payment.store.tenants import Tenant, replace_return_origins, upsert_account, upsert_tenant

T = TypeVar("T")


class ConfigureError(Exception):
    """A file cannot be used. The message is for the person who runs it."""


class OriginatorEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An online service that charges by XBezahldienste: for which authorities, and what each item must tell."""

    id: Id
    end_points: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1)]
    booking_data: tuple[str, ...] = ()
    certificates: tuple[Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")], ...] = ()
    """SHA-256 of the client certificates by which it may come, besides the tenant's API keys."""


class TenantAccounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tenant: str
    kassenzeichen: str
    standing_order: bool = False
    legal_basis: str = ""
    refund_batch_at: time = time(6)
    """When a day's refunds due by rule are drawn up, by the tenant's own clock, where there is no standing order."""
    iban: str | None = None
    """The treasury's account to which the providers pay out: its statements, and no others, are read."""
    retention: Retention = Retention()
    return_origins: list[str] = []
    stripe: StripeAccount | None = None
    paypal: PayPalAccount | None = None
    xbezahldienste: XBezahldiensteAccount | None = None
    methods: dict[Method, Provider] | None = None
    """Which provider serves which method on the checkout page; not given: every account the method that is its own."""
    originators: tuple[OriginatorEntry, ...] = ()

    @property
    def providers(self) -> dict[Provider, StripeAccount | PayPalAccount | XBezahldiensteAccount]:
        """Those with an account."""
        found: dict[Provider, StripeAccount | PayPalAccount | XBezahldiensteAccount | None]
        found = {"stripe": self.stripe, "paypal": self.paypal, "xbezahldienste": self.xbezahldienste}
        return {provider: account for provider, account in found.items() if account}

    @property
    def offered(self) -> dict[Method, Provider]:
        if self.methods is not None:
            return self.methods
        served = {method: provider for method, served_by in PROVIDERS_OF.items() for provider in served_by}
        return {method: provider for method, provider in served.items() if provider in self.providers}


class AccountsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accounts: tuple[TenantAccounts, ...]


async def configure(
    pool: Pool, tenants: TenantsFile, accounts: AccountsFile, accounts_key: str, *, demo_mode: bool
) -> int:
    """Return the number of tenants. Raises ConfigureError."""
    fernet = Fernet(accounts_key)
    by_slug = {account.tenant: account for account in accounts.accounts}
    _check_certificates(accounts)
    async with pool.acquire() as connection, connection.transaction():
        for position, profile in enumerate(tenants.tenants):
            if profile.slug not in by_slug:
                raise ConfigureError(f"The accounts' file has no entry for tenant {profile.slug}.")
            account = by_slug[profile.slug]
            _check(account, demo_mode=demo_mode)
            await act_for(connection, profile.slug)
            await _configure_tenant(connection, profile, account, fernet, position)
        for profile in tenants.tenants:  # once the old ones are gone: a certificate may move to another tenant
            await act_for(connection, profile.slug)
            await _configure_originators(connection, by_slug[profile.slug])
    return len(tenants.tenants)


def _check(account: TenantAccounts, *, demo_mode: bool) -> None:
    if demo_mode and account.stripe and account.stripe.live:
        raise ConfigureError(f"{account.tenant}: this is a demo; it refuses Stripe's live keys.")
    if account.iban and not is_iban(account.iban.replace(" ", "")):
        raise ConfigureError(f"{account.tenant}: iban: {account.iban} is no IBAN; look at its check digits.")
    _check_methods(account)
    try:
        check_template(account.kassenzeichen)
        for origin in account.return_origins:
            if origin_of(origin, "return_origins", allow_loopback=demo_mode) != origin:
                raise ConfigureError(f"{account.tenant}: {origin} is no plain origin such as https://portal.example.")
        if account.xbezahldienste:
            _check_xbezahldienste(account.xbezahldienste, demo_mode=demo_mode)
    except (ValueError, InvalidRequest) as error:
        raise ConfigureError(f"{account.tenant}: {error}") from None


def _check_xbezahldienste(account: XBezahldiensteAccount, *, demo_mode: bool) -> None:
    """Raises InvalidRequest, ValueError."""
    origin_of(account.url, "xbezahldienste.url", allow_loopback=demo_mode)
    try:
        make_tls(account)
    except AccountUnusable as error:
        raise ValueError(f"xbezahldienste.{error}") from None


def _check_methods(account: TenantAccounts) -> None:
    """Raises ConfigureError."""
    for method, provider in account.offered.items():
        if provider not in PROVIDERS_OF[method]:
            able = " or ".join(PROVIDERS_OF[method])
            raise ConfigureError(f"{account.tenant}: methods.{method}: {provider} cannot serve it; {able} can.")
        if provider not in account.providers:
            raise ConfigureError(f"{account.tenant}: methods.{method}: there is no [accounts.{provider}] here.")


def _check_certificates(accounts: AccountsFile) -> None:
    """A certificate says who somebody is: it cannot be two. Raises ConfigureError."""
    seen: set[str] = set()
    for account in accounts.accounts:
        ids = [entry.id for entry in account.originators]
        if len(set(ids)) < len(ids):
            raise ConfigureError(f"{account.tenant}: originators: an id stands there twice.")
        for entry in account.originators:
            twice = seen.intersection(entry.certificates)
            if twice:
                raise ConfigureError(
                    f"{account.tenant}: originators.{entry.id}.certificates: {twice.pop()} is another originator's."
                )
            seen.update(entry.certificates)


async def _configure_tenant(
    connection: Connection, profile: TenantProfile, account: TenantAccounts, fernet: Fernet, position: int
) -> None:
    tenant = Tenant(
        slug=profile.slug,
        profile=profile,
        kassenzeichen=account.kassenzeichen,
        standing_order=account.standing_order,
        legal_basis=account.legal_basis,
        refund_batch_at=account.refund_batch_at,
        retention=account.retention,
        iban=account.iban.replace(" ", "") if account.iban else None,
    )
    await upsert_tenant(connection, tenant, position)
    await replace_return_origins(connection, profile.slug, account.return_origins)
    for provider, secrets in account.providers.items():
        await upsert_account(connection, profile.slug, provider, fernet.encrypt(msgspec.json.encode(secrets)))
    await replace_methods(connection, profile.slug, account.offered)
    await delete_originators(connection, profile.slug)


async def _configure_originators(connection: Connection, account: TenantAccounts) -> None:
    for entry in account.originators:
        originator = Originator(
            tenant=account.tenant,
            originator_id=entry.id,
            end_points=entry.end_points,
            booking_data=entry.booking_data,
        )
        await insert_originator(connection, originator, entry.certificates)


def read_file(path: Path, type_: type[T]) -> T:
    """Raises ConfigureError."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), type_)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigureError(f"{path}: {error}") from None

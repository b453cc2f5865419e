"""Load the tenants' file, and the file of their accounts at mail servers.

Each tenant is written or brought up to date, none is taken away. The accounts' file is whole: a tenant that has no
entry in it goes by the house's server.
"""

import os
import ssl
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, TypeVar

import msgspec

from contracts.tenant import TenantsFile
from kit.sql import Pool
from notify.domain.addresses import MailAddress, envelope_address
from notify.mail.accounts import Account, encrypt
from notify.mail.smtp import Server
from notify.store.accounts import delete_accounts_but, upsert_account
from notify.store.pauses import delete_tenants_pauses
from notify.store.tenants import insert_tenant, save_logo

PNG = b"\x89PNG\r\n\x1a\n"
LOGO_BYTES_MAX = 32 * 1024
"""It goes with every mail."""
NO_LOGOS: Mapping[str, bytes] = MappingProxyType({})

T = TypeVar("T")
Filled = Annotated[str, msgspec.Meta(min_length=1)]


class FileUnfit(Exception):
    """The file cannot be read; the message names the place and what is expected, and no secret."""


class AccountEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tenant: str
    mailbox: MailAddress
    """From, and with a plus tag ORGANIZER of calendar entries. What comes back must reach the house's mailbox."""
    host: Filled
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    tls: Literal["none", "starttls", "tls"] = "starttls"
    ca_file: Filled | None = None
    user: Filled | None = None
    password: Filled | None = None
    password_variable: Filled | None = None
    """Or the name of the environment variable that holds it."""
    bounce_domain: Filled | None = None
    """Where the server allows envelope senders of its own domain only; empty: BOUNCE_DOMAIN."""


class AccountsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accounts: tuple[AccountEntry, ...] = ()


class AccountsWanted(msgspec.Struct, frozen=True, kw_only=True):
    file: AccountsFile
    key: str
    """ACCOUNTS_KEY."""
    bounce_domain: str
    environment: Mapping[str, str]


def read_file(file: Path, type_: type[T]) -> T:
    """Raises FileUnfit."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), type_)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise FileUnfit(f"{file}: {error}") from error


def read_tenants(file: Path) -> TenantsFile:
    return read_file(file, TenantsFile)


def read_accounts(file: Path, key: str | None, bounce_domain: str) -> AccountsWanted:
    """Raises FileUnfit."""
    if key is None:
        raise FileUnfit(f"{file}: ACCOUNTS_KEY is not set, and nothing is stored in clear.")
    return AccountsWanted(
        file=read_file(file, AccountsFile), key=key, bounce_domain=bounce_domain, environment=os.environ
    )


def read_logos(file: Path, tenants: TenantsFile) -> dict[str, bytes]:
    """The logos of the letterheads, by slug: files beside the tenants' file. Raises FileUnfit."""
    return {tenant.slug: _read_logo(file.parent / tenant.logo) for tenant in tenants.tenants if tenant.logo}


def _read_logo(file: Path) -> bytes:
    try:
        logo = file.read_bytes()
    except OSError as error:
        raise FileUnfit(f"{file}: {error}") from error
    if not logo.startswith(PNG) or len(logo) > LOGO_BYTES_MAX:
        raise FileUnfit(f"{file}: expected a PNG file of at most {LOGO_BYTES_MAX // 1024} KiB")
    return logo


async def configure(
    pool: Pool,
    tenants: TenantsFile,
    accounts: AccountsWanted | None = None,
    *,
    logos: Mapping[str, bytes] = NO_LOGOS,
) -> int:
    """Raises FileUnfit. Without `accounts` those that are there stay."""
    read = _read_accounts(tenants, accounts) if accounts else {}
    async with pool.acquire() as connection, connection.transaction():
        for tenant in tenants.tenants:
            await insert_tenant(connection, tenant)
            await save_logo(connection, tenant.slug, logos.get(tenant.slug))
        if accounts:
            await delete_accounts_but(connection, list(read))
            await delete_tenants_pauses(connection)  # somebody has just mended something
            for slug, (mailbox, account) in read.items():
                await upsert_account(connection, slug, mailbox, encrypt(account, accounts.key))
    return len(tenants.tenants)


def _read_accounts(tenants: TenantsFile, wanted: AccountsWanted) -> dict[str, tuple[str, Account]]:
    """Raises FileUnfit."""
    slugs = {tenant.slug for tenant in tenants.tenants}
    found: dict[str, tuple[str, Account]] = {}
    for entry in wanted.file.accounts:
        if entry.tenant not in slugs:
            raise FileUnfit(f"accounts: there is no tenant {entry.tenant}.")
        if entry.tenant in found:
            raise FileUnfit(f"accounts: {entry.tenant} stands there twice.")
        bounce_domain = _ascii_domain(entry, entry.bounce_domain or wanted.bounce_domain)
        found[entry.tenant] = (entry.mailbox, Account(_server(entry, wanted.environment), bounce_domain))
    return found


def _ascii_domain(entry: AccountEntry, domain: str) -> str:
    """As it stands in envelope senders. Raises FileUnfit."""
    address = envelope_address(f"b@{domain}")
    if address is None:
        raise FileUnfit(f"accounts: {entry.tenant}: bounce_domain {domain!r} is no domain.")
    return address.rpartition("@")[2]


def _server(entry: AccountEntry, environment: Mapping[str, str]) -> Server:
    """Raises FileUnfit."""
    _check_server(entry)
    return Server(
        host=entry.host,
        port=entry.port,
        user=entry.user,
        password=_password(entry, environment),
        tls=entry.tls,
        ca_file=entry.ca_file,
        local_hostname=entry.mailbox.rpartition("@")[2],
    )


def _check_server(entry: AccountEntry) -> None:
    """Raises FileUnfit."""
    try:
        entry.host.encode("idna")
    except UnicodeError:
        raise FileUnfit(f"accounts: {entry.tenant}: host {entry.host!r} is no name of a server.") from None
    try:
        ssl.create_default_context(cafile=entry.ca_file)
    except OSError as error:
        raise FileUnfit(f"accounts: {entry.tenant}: ca_file {entry.ca_file}: {error}") from error


def _password(entry: AccountEntry, environment: Mapping[str, str]) -> str | None:
    """Raises FileUnfit."""
    password = entry.password
    if entry.password_variable:
        if password:
            raise FileUnfit(f"accounts: {entry.tenant}: password or password_variable, not both.")
        password = environment.get(entry.password_variable)
        if not password:
            raise FileUnfit(f"accounts: {entry.tenant}: {entry.password_variable} is not set.")
    if (entry.user is None) != (password is None):
        raise FileUnfit(f"accounts: {entry.tenant}: user and password belong together.")
    if password and entry.tls == "none":
        raise FileUnfit(f"accounts: {entry.tenant}: a password is sent over TLS alone.")
    return password

"""Load the tenants' file: each tenant is written or brought up to date, none is taken away."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from contracts.tenant import TenantsFile
from kit.sql import Pool
from notify.store.tenants import insert_tenant, save_logo

PNG = b"\x89PNG\r\n\x1a\n"
LOGO_BYTES_MAX = 32 * 1024
"""It goes with every mail."""
NO_LOGOS: Mapping[str, bytes] = MappingProxyType({})


class FileUnfit(Exception):
    """The file cannot be read; the message names the place and what is expected."""


def read_tenants(file: Path) -> TenantsFile:
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), TenantsFile)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise FileUnfit(f"{file}: {error}") from error


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


async def configure(pool: Pool, tenants: TenantsFile, *, logos: Mapping[str, bytes] = NO_LOGOS) -> int:
    async with pool.acquire() as connection, connection.transaction():
        for tenant in tenants.tenants:
            await insert_tenant(connection, tenant)
            await save_logo(connection, tenant.slug, logos.get(tenant.slug))
    return len(tenants.tenants)

"""Load the tenants' file: each tenant is written or brought up to date, none is taken away."""

import tomllib
from pathlib import Path

import msgspec

from contracts.tenant import TenantsFile
from kit.sql import Pool
from notify.store.tenants import insert_tenant


class FileUnfit(Exception):
    """The file cannot be read; the message names the place and what is expected."""


def read_tenants(file: Path) -> TenantsFile:
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), TenantsFile)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise FileUnfit(f"{file}: {error}") from error


async def configure(pool: Pool, tenants: TenantsFile) -> int:
    async with pool.acquire() as connection, connection.transaction():
        for tenant in tenants.tenants:
            await insert_tenant(connection, tenant)
    return len(tenants.tenants)

"""The tenant's own entry: hosts, mail domain, retention."""

import msgspec

from booking.domain.errors import NotFound
from contracts.tenant import TenantProfile
from kit.sql import Connection, fetch_optional


class _Row(msgspec.Struct, frozen=True):
    profile: TenantProfile


async def get_profile(connection: Connection, tenant: str) -> TenantProfile:
    """Raises NotFound."""
    row = await fetch_optional(connection, _Row, "SELECT profile FROM tenant WHERE slug = $1", tenant)
    if row is None:
        raise NotFound("There is no such tenant.")
    return row.profile

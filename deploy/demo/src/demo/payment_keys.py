"""API keys for payment, issued once: one a tenant for booking, one for the portal, one for whoever tries the demo,
and one by which the Kreis pays through the town's XBezahldienste.
"""

from collections.abc import Mapping

from contracts.tenant import TenantsFile
from demo.processes import SEED
from kit.clock import system_clock
from kit.sql import open_pool
from payment.domain.api_key import Scope
from payment.usecases.configure import read_file
from payment.usecases.issue_api_key import issue_api_key

NOT_BOOKINGS = ("portal", "demo", "xbezahldienste")
"""Holders whose keys booking does not get."""
BOOKING: tuple[Scope, ...] = (
    "payments:create",
    "payments:read",
    "payments:capture",
    "payments:cancel",
    "refunds:request",
)
PORTAL: tuple[Scope, ...] = ("payments:create", "payments:read", "webhooks")
DEMO: tuple[Scope, ...] = (*BOOKING, "webhooks")
XBEZAHLDIENSTE: tuple[Scope, ...] = ("payments:create", "payments:read")


async def issue_api_keys(database_url: str, issued: Mapping[str, str]) -> dict[str, str]:
    """Issue what is not among `issued`; return all, by holder."""
    tenants = read_file(SEED / "tenants.toml", TenantsFile).tenants
    wanted = {tenant.slug: (tenant.slug, BOOKING) for tenant in tenants}
    wanted |= {"portal": ("kreis-heinsberg", PORTAL), "demo": ("heinsberg", DEMO)}
    wanted |= {"xbezahldienste": ("heinsberg", XBEZAHLDIENSTE)}
    keys = dict(issued)
    async with open_pool(database_url) as pool:
        for holder, (tenant, scopes) in wanted.items():
            if holder not in keys:
                keys[holder] = await issue_api_key(
                    pool, system_clock, tenant=tenant, mode="test", scopes=scopes, label=f"demo: {holder}"
                )
    return keys

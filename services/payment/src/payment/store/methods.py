from collections.abc import Mapping

from kit.sql import Connection
from payment.domain.attempt import Provider
from payment.domain.payment import Method


async def replace_methods(connection: Connection, tenant: str, methods: Mapping[Method, Provider]) -> None:
    """The tenant's choice for payments to come; attempts under way keep the provider that they began with."""
    await connection.execute("DELETE FROM tenant_method WHERE tenant = $1", tenant)
    await connection.executemany(
        "INSERT INTO tenant_method (tenant, method, provider) VALUES ($1, $2, $3)",
        [(tenant, method, provider) for method, provider in methods.items()],
    )


async def list_methods(connection: Connection, tenant: str) -> list[Method]:
    rows = await connection.fetch("SELECT method FROM tenant_method WHERE tenant = $1 ORDER BY method", tenant)
    return [row["method"] for row in rows]


async def find_provider(connection: Connection, tenant: str, method: Method) -> Provider | None:
    """Who serves this method for this tenant; None: it is not offered."""
    provider: Provider | None = await connection.fetchval(
        "SELECT provider FROM tenant_method WHERE tenant = $1 AND method = $2", tenant, method
    )
    return provider

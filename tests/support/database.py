"""Databases for tests: each a copy of a service's migrated template on the one server (see conftest)."""

import asyncio
import os
from collections.abc import Iterator
from uuid import uuid4

import asyncpg


def database_url(user: str, database: str) -> str:
    return os.environ["TEST_POSTGRES_URL"].replace("{user}", user).replace("{database}", database)


class Database:
    """A fresh copy of a service's migrated database."""

    def __init__(self, service: str, name: str) -> None:
        self.name = name
        self.url = database_url(f"{service}_app", name)
        self.all_tenants_url = f"{self.url}&app.all_tenants=on"
        """The same role, for looking: sees the rows of every tenant until it acts for one."""
        self.owner_url = database_url(f"{service}_owner", name)
        self.all_tenants_owner_url = f"{self.owner_url}&app.all_tenants=on"


async def _administer(sql: str) -> None:
    connection = await asyncpg.connect(database_url("postgres", "postgres"))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def fresh_database(service: str, template: str | None = None) -> Iterator[Database]:
    """`template`: another database to copy than the migrated one; nobody may be connected to it."""
    name = f"{service}_{uuid4().hex[:12]}"
    asyncio.run(
        _administer(f"CREATE DATABASE {name} TEMPLATE {template or service} OWNER {service}_owner STRATEGY FILE_COPY")
    )
    yield Database(service, name)
    asyncio.run(_administer(f"DROP DATABASE {name} WITH (FORCE)"))

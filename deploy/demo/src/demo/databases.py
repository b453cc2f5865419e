"""Engines for the demo: the embedded ones, or servers that exist."""

import asyncio
import os
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from demo.engines import Nats, Postgres, create_databases
from demo.keys import Keys
from demo.processes import SERVICES, Engines


def connect_engines(data: Path, keys: Keys, started: list[Postgres | Nats]) -> Engines:
    """Start what is not given by `DATABASE_URL` and `NATS_URL`; what was started is appended to `started`."""
    admin_url = os.environ.get("DATABASE_URL")
    if admin_url:
        asyncio.run(_create_on_server(admin_url, keys.database_password))
        urls = {role: _with_role(admin_url, role, keys.database_password) for role in ("app", "owner")}
        app_urls = {service: urls["app"].format(service=service) for service in SERVICES}
        owner_urls = {service: urls["owner"].format(service=service) for service in SERVICES}
    else:
        postgres = Postgres(data / "postgres")
        started.append(postgres)
        postgres.start()
        create_databases(postgres, SERVICES)
        app_urls = {service: postgres.url(f"{service}_app", service) for service in SERVICES}
        owner_urls = {service: postgres.url(f"{service}_owner", service) for service in SERVICES}
    return Engines(app_urls, owner_urls, os.environ.get("NATS_URL") or _start_nats(data, started))


def _start_nats(data: Path, started: list[Postgres | Nats]) -> str:
    nats = Nats(data / "nats")
    started.append(nats)
    nats.start()
    return nats.url


def _with_role(admin_url: str, role: str, password: str) -> str:
    """The address of the same server for `{service}_<role>` and database `{service}`."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rsplit("@", 1)[-1]
    return urlunsplit(parts._replace(netloc=f"{{service}}_{role}:{quote(password)}@{host}", path="/{service}"))


async def _create_on_server(admin_url: str, password: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        for service in SERVICES:
            for role in (f"{service}_owner", f"{service}_app"):
                exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
                verb = "ALTER" if exists else "CREATE"
                await connection.execute(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", service):
                await connection.execute(f"CREATE DATABASE {service} OWNER {service}_owner")
                await connection.execute(f"REVOKE CONNECT, TEMPORARY ON DATABASE {service} FROM PUBLIC")
                await connection.execute(f"GRANT CONNECT ON DATABASE {service} TO {service}_app")
    finally:
        await connection.close()

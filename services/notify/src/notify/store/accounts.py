"""Tenants' own accounts at mail servers. What is secret of them stays encrypted here."""

from kit.sql import Connection, execute


async def upsert_account(connection: Connection, tenant: str, mailbox: str, secrets: bytes) -> None:
    await execute(
        connection,
        "INSERT INTO smtp_account (tenant, mailbox, secrets, updated_at) VALUES ($1, $2, $3, now())"
        " ON CONFLICT (tenant) DO UPDATE SET mailbox = EXCLUDED.mailbox, secrets = EXCLUDED.secrets,"
        " updated_at = EXCLUDED.updated_at",
        tenant,
        mailbox,
        secrets,
    )


async def delete_accounts_but(connection: Connection, tenants: list[str]) -> int:
    return await execute(connection, "DELETE FROM smtp_account WHERE tenant <> ALL($1::text[])", tenants)


async def find_mailbox(connection: Connection, tenant: str) -> str | None:
    """None: the house's."""
    mailbox: str | None = await connection.fetchval("SELECT mailbox FROM smtp_account WHERE tenant = $1", tenant)
    return mailbox


async def find_account(connection: Connection, tenant: str | None) -> str | None:
    """By whose account a tenant's mails go: its own, or the house's (empty). None: all accounts."""
    if tenant is None:
        return None
    return tenant if await find_mailbox(connection, tenant) else ""

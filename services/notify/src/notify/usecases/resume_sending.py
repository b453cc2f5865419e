"""End the pause of a mail server before its time: a person knows that the fault is mended."""

from kit.sql import Pool
from notify.store.accounts import find_account
from notify.store.pauses import delete_pause


async def resume_sending(pool: Pool, tenant: str | None) -> int:
    """Of the server by which the tenant's mails go; `tenant` None: of all. If the fault is still there, the next mail
    meets it, and the pause begins anew.
    """
    async with pool.acquire() as connection, connection.transaction():
        return await delete_pause(connection, await find_account(connection, tenant))

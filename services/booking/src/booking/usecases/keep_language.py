"""The mails follow the language in which the citizen went on last."""

from booking.store.contacts import save_language
from booking.usecases.view_appointment import Access
from kit.sql import Pool


async def keep_language(pool: Pool, access: Access, language: str) -> None:
    """After payment was asked, never before: a repeated request to payment names the language it named at first."""
    async with pool.acquire() as connection:
        await save_language(connection, access.tenant, access.appointment_id, language)

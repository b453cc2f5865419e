from kit.sql import Pool
from notify.store import inbound
from notify.store.inbound import VerdictCount


async def count_inbound(pool: Pool) -> list[VerdictCount]:
    """What came back, by what it was; `people` is what waits in the mailbox for a person."""
    async with pool.acquire() as connection:
        return await inbound.count_mails(connection)

"""What came back, for `/metrics`: `people` is what waits in the mailbox for a person."""

from prometheus_client import Gauge

from kit.sql import Pool
from notify.usecases.count_inbound import count_inbound

_INBOUND = Gauge("notify_inbound_mails", "Mails taken from the mailbox, of 90 days", ["verdict", "reason"])


async def show_inbound(pool: Pool) -> None:
    _INBOUND.clear()
    for mails in await count_inbound(pool):
        _INBOUND.labels(mails.verdict, mails.reason).set(mails.count)

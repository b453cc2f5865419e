"""The worker process: tells what happened, and looks after what is open. Several may run side by side."""

from contracts.payment import STREAM
from kit.events import ensure_stream, open_nats
from kit.outbox import delete_old, publish_batch
from kit.worker import Loop, run_loops
from payment.usecases.tools import Tools


async def work(tools: Tools, nats_url: str) -> None:
    """Until SIGTERM. Whatever a killed worker had begun, the next one takes up with the same keys."""
    async with open_nats(nats_url, "payment-worker") as nats:
        stream = nats.jetstream()

        async def relay() -> int:
            if not is_stream_ready:
                await ensure_stream(stream, STREAM, ["payment.>"])
                is_stream_ready.append(True)
            return await publish_batch(tools.pool, stream)

        async def tidy() -> None:
            await delete_old(tools.pool)

        is_stream_ready: list[bool] = []
        await run_loops([Loop("outbox", relay, 0.1), Loop("retention", tidy, 3600)])

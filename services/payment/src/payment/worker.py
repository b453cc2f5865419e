"""The worker process: tells what happened, and looks after what is open. Several may run side by side."""

from nats.js import JetStreamContext

from contracts.payment import STREAM
from kit.events import ensure_stream, open_nats
from kit.outbox import delete_old, publish_batch
from kit.webhooks import open_client
from kit.worker import Loop, run_loops
from payment.usecases.deliver_webhooks import deliver_webhooks
from payment.usecases.draw_up_daily_batches import draw_up_daily_batches
from payment.usecases.expire_payments import expire_payments
from payment.usecases.read_disputes import read_disputes
from payment.usecases.reconcile_accounts import reconcile_due_accounts
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.sweep_leftovers import sweep_leftovers
from payment.usecases.tell_checking import tell_checking
from payment.usecases.tools import Tools


class Relay:
    """Creates the stream when the server first answers, then publishes the outbox."""

    def __init__(self, tools: Tools, stream: JetStreamContext) -> None:
        self._tools = tools
        self._stream = stream
        self._is_ready = False

    async def __call__(self) -> int:
        if not self._is_ready:
            await ensure_stream(self._stream, STREAM, ["payment.>"])
            self._is_ready = True
        return await publish_batch(self._tools.unbound_pool, self._stream)


async def work(tools: Tools, nats_url: str) -> None:
    """Until SIGTERM. Whatever a killed worker had begun, the next one takes up with the same keys."""
    async with open_nats(nats_url, "payment-worker") as nats, open_client() as http:
        await run_loops(
            [
                Loop("outbox", Relay(tools, nats.jetstream()), 0.1),
                Loop("attempts", lambda: sweep_attempts(tools), 0.5),
                Loop("expiry", lambda: expire_payments(tools), 1),
                Loop("checking", lambda: tell_checking(tools), 5),
                Loop("refunds", lambda: submit_refunds(tools), 0.5),
                Loop("refund batches", lambda: draw_up_daily_batches(tools), 30),
                Loop("disputes", lambda: read_disputes(tools), 1),
                Loop("webhooks", lambda: deliver_webhooks(tools, http), 0.3),
                Loop("treasury", lambda: reconcile_due_accounts(tools), 60),
                Loop("leftovers", lambda: sweep_leftovers(tools), 3600),
                Loop("retention", lambda: delete_old(tools.unbound_pool), 3600),
            ]
        )

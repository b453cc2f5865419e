"""Who plays: citizen, portal, provider, clock and clerk, over the real use cases and store. Any of them may be refused,
and our process may die at any call: neither may cost or give anybody a cent.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import httpx
import msgspec
from tests.payment.machine.bank import ANY, CALLS, FAULTS, Bank, Banks
from tests.payment.support.house import TENANT, Clock, once, start
from tests.payment.support.provider import Killed, Session

from contracts.payment import NewRefund, PaymentEvent
from kit.batches import Batches
from kit.sql import Pool
from kit.tokens import StaffClaims
from payment.domain.errors import PaymentError
from payment.usecases.approve_refund import approve_refund
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.capture_payment import capture_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.deliver_webhooks import deliver_webhooks
from payment.usecases.expire_payments import expire_payments
from payment.usecases.request_refund import request_refund
from payment.usecases.show_checkout import look_again
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.take_webhook import ProviderAccount, follow_up, note_events, take_webhook
from payment.usecases.tools import Tools

ACTOR = "key:test"
PAYMENTS_MAX = 4
"""Few enough that much happens to each."""


class Move(NamedTuple):
    """One operation, by numbers that Hypothesis can make smaller."""

    name: str
    whom: int
    key: int


class Nobody(Exception):
    """There is nothing yet to which it could happen."""


Operation: TypeAlias = Callable[["Town", Move], Awaitable[None]]


class Town:
    def __init__(self, tools: Tools, pool: Pool, banks: Banks, clock: Clock) -> None:
        self.tools, self.pool, self.banks, self.clock = tools, pool, banks, clock
        self.payments: list[UUID] = []
        self.told: list[PaymentEvent] = []
        self.deaf = False
        self.outcomes: Counter[str] = Counter()
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._hear))

    def _hear(self, request: httpx.Request) -> httpx.Response:
        """The portal's endpoint; now and then it hears and does not say so."""
        self.told.append(msgspec.json.decode(request.content, type=PaymentEvent))
        return httpx.Response(503 if self.deaf else 204)

    async def play(self, moves: list[Move]) -> None:
        """All at the same time."""
        self.outcomes.update(await asyncio.gather(*(self.attempt(move) for move in moves)))

    async def attempt(self, move: Move) -> str:
        try:
            await MOVES[move.name](self, move)
        except PaymentError as error:
            return f"{move.name}: {error.code}"
        except Nobody:
            return f"{move.name}: nobody"
        except Killed:
            return f"{move.name}: killed"
        return f"{move.name}: done"

    def payment(self, move: Move) -> UUID:
        return _one_of(self.payments, move.whom)

    def bank(self, move: Move) -> Bank:
        return self.banks["paypal" if move.key % 2 else "stripe"]

    def session(self, move: Move) -> tuple[Bank, Session]:
        """Of any payment, also one that is long over: some people keep many pages open."""
        found = [(bank, session) for bank in self.banks.values() for session in bank.sessions.values()]
        return _one_of(found, -1 - move.whom)

    async def refunds(self) -> list[UUID]:
        return [row["id"] for row in await self.pool.fetch("SELECT id FROM refund ORDER BY id")]


def _one_of(found: list[Any], number: int) -> Any:
    if not found:
        raise Nobody
    return found[number % len(found)]


# --- the portal -------------------------------------------------------------------------------------------------------


async def create(town: Town, move: Move) -> None:
    if len(town.payments) == PAYMENTS_MAX:
        raise Nobody
    mode = "manual" if move.key % 3 == 0 else "automatic"
    payment = await start(town.tools, TENANT, capture=mode, expires_in_s=1800 if move.key % 4 else 82_800)
    town.payments.append(payment.id)


async def capture(town: Town, move: Move) -> None:
    await capture_payment(town.tools, TENANT, town.payment(move), once(), ACTOR)


async def cancel(town: Town, move: Move) -> None:
    await cancel_payment(town.tools, TENANT, town.payment(move), once(), ACTOR)


async def refund(town: Town, move: Move) -> None:
    """Mostly of what was paid."""
    paid = [row["id"] for row in await town.pool.fetch("SELECT id FROM payment WHERE state = 'paid' ORDER BY id")]
    payment_id = _one_of(paid or town.payments, move.whom)
    reason: Any = ("cancelled_in_time", "goodwill", "reduced")[move.key % 3]
    wanted = NewRefund(amount_cents=(500, 1000, 1500)[move.whom % 3], reason=reason)
    actor = "staff:anna" if move.key % 4 == 1 else ACTOR
    await request_refund(town.tools, TENANT, payment_id, wanted, once(), actor=actor)


# --- the citizen ------------------------------------------------------------------------------------------------------


async def choose(town: Town, move: Move) -> None:
    await choose_method(town.tools, TENANT, town.payment(move), "paypal" if move.key % 2 else "card")


async def agree(town: Town, move: Move) -> None:
    bank, session = town.session(move)
    bank.agree(session)


async def go_and_pay(town: Town, move: Move) -> None:
    """Chooses, pays on the provider's page, and comes back or not."""
    await choose(town, move)
    bank = town.bank(move)
    bank.agree(_one_of(list(bank.sessions.values()), -1))
    if move.key % 3:
        await come_back(town, move)


async def pay_and_regret(town: Town, move: Move) -> None:
    """The citizen pays and tells nobody, and the portal cancels."""
    await go_and_pay(town, move._replace(key=move.key // 3 * 3))
    await cancel(town, move)


async def decline(town: Town, move: Move) -> None:
    bank, session = town.session(move)
    bank.decline(session)


async def come_back(town: Town, move: Move) -> None:
    await look_again(town.tools, TENANT, town.payment(move))


# --- the provider -----------------------------------------------------------------------------------------------------


async def deliver(town: Town, move: Move) -> None:
    """Any of their events: some again, some late, some never."""
    bank, event = _one_of(
        [(bank, event) for bank in town.banks.values() for event in bank.post], -1 - move.whom * (1 + move.key // 2)
    )
    provider: Any = "paypal" if bank.is_paypal else "stripe"
    notes = Batches(partial(note_events, town.tools))
    taken = await take_webhook(town.tools, notes, ProviderAccount(TENANT, provider), {}, msgspec.json.encode(event))
    await follow_up(town.tools, taken)


async def be_slow(town: Town, move: Move) -> None:
    bank = town.bank(move)
    bank.capture_status, bank.refund_status = (("pending", "pending"), ("paid", "succeeded"))[move.key // 2 % 2]


async def finish(town: Town, move: Move) -> None:
    """What it was slow with, well or badly."""
    for bank in town.banks.values():
        for session_id in sorted(bank.pending):
            bank.change(bank.sessions[session_id], "authorised", "closed" if move.key % 3 == 0 else "paid")
        for refund_id, _ in bank.returned:
            bank.end_refund(refund_id, "failed" if move.key % 3 == 1 else "succeeded")


async def lapse(town: Town, move: Move) -> None:
    bank, session = town.session(move)
    bank.change(session, "authorised", "closed")


async def take_by_hand(town: Town, move: Move) -> None:
    """Somebody captures at the provider's own desk."""
    bank, session = town.session(move)
    bank.change(session, "authorised", "paid")


async def spoil(town: Town, move: Move) -> None:
    """The next call comes to nothing, or to something that nobody hears of; or our process dies at it."""
    call = ANY if move.key // 4 else CALLS[move.whom % len(CALLS)]
    for bank in town.banks.values():
        bank.spoil(call, FAULTS[move.key % len(FAULTS)])


async def go_deaf(town: Town, move: Move) -> None:
    town.deaf = bool(move.key % 2)


# --- clock and clerk --------------------------------------------------------------------------------------------------


async def approve(town: Town, move: Move) -> None:
    clerk = ("anna", "bert", "carla")[move.key % 3]
    claims = StaffClaims(
        subject=clerk, tenant=TENANT, roles=("treasurer",), expires_at=town.clock() + timedelta(hours=1)
    )
    await approve_refund(town.tools, _one_of(await town.refunds(), move.whom), claims, once())


async def work(town: Town, move: Move | None = None) -> int:
    """The worker's loops, one of them or all."""
    loops: tuple[Callable[[], Awaitable[int]], ...] = (
        lambda: sweep_attempts(town.tools),
        lambda: expire_payments(town.tools),
        lambda: submit_refunds(town.tools),
        lambda: deliver_webhooks(town.tools, town.http),
    )
    wanted = loops if move is None else (loops[move.key % len(loops)],)
    return sum([await loop() for loop in wanted])


async def work_(town: Town, move: Move) -> None:
    await work(town, move)


MOVES: Mapping[str, Operation] = {
    "create": create,
    "capture": capture,
    "cancel": cancel,
    "refund": refund,
    "choose": choose,
    "agree": agree,
    "go_and_pay": go_and_pay,
    "pay_and_regret": pay_and_regret,
    "decline": decline,
    "come_back": come_back,
    "deliver": deliver,
    "be_slow": be_slow,
    "finish": finish,
    "lapse": lapse,
    "take_by_hand": take_by_hand,
    "spoil": spoil,
    "go_deaf": go_deaf,
    "approve": approve,
    "work": work_,
}

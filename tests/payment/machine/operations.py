"""What may happen: by the portal, the citizen, the providers, the payer's bank, the clock and the worker."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from tests.payment.machine.bank import ANY, CALLS, FAULTS, Bank
from tests.payment.machine.clerks import approve, decide, transfer
from tests.payment.machine.town import Move, Nobody, Operation, Town, one_of
from tests.payment.support.house import TENANT, once, start

from contracts.money import Money
from contracts.payment import NewRefund
from kit.batches import Batches
from payment.gateways.gateway import WebhookEvent
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.capture_payment import capture_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.deliver_webhooks import deliver_webhooks
from payment.usecases.expire_payments import expire_payments
from payment.usecases.read_disputes import read_disputes
from payment.usecases.request_refund import request_refund
from payment.usecases.show_checkout import look_again
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.take_webhook import ProviderAccount, follow_up, note_events, take_webhook
from payment.usecases.tell_checking import tell_checking

ACTOR = "key:test"
PAYMENTS_MAX = 4
"""Few enough that much happens to each."""


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
    payment_id = one_of(paid or town.payments, move.whom)
    reason: Any = ("cancelled_in_time", "goodwill", "reduced")[move.key % 3]
    wanted = NewRefund(amount_cents=(500, 1000, 1500)[move.whom % 3], reason=reason)
    actor = "staff:anna" if move.key % 4 == 1 else ACTOR
    await request_refund(town.tools, TENANT, payment_id, wanted, once(), actor=actor)


# --- the citizen ------------------------------------------------------------------------------------------------------


async def choose(town: Town, move: Move) -> None:
    await choose_method(town.tools, TENANT, town.payment(move), "paypal" if move.key % 2 else "card")


async def agree(town: Town, move: Move) -> None:
    bank, session = town.session(move, "open")
    bank.agree(session)


async def go_and_pay(town: Town, move: Move) -> None:
    """Chooses, pays on the provider's page, and comes back or not."""
    await choose(town, move)
    bank = town.bank(move)
    bank.agree(one_of(list(bank.sessions.values()), -1))
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
    bank, event = one_of(
        [(bank, event) for bank in town.banks.values() for event in bank.post], -1 - move.whom * (1 + move.key // 2)
    )
    await _tell(town, bank, event)


async def _tell(town: Town, bank: Bank, event: WebhookEvent) -> None:
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
    bank, session = town.session(move, "authorised")
    bank.change(session, "authorised", "closed")
    await _perhaps_tell(town, move, bank)


async def take_by_hand(town: Town, move: Move) -> None:
    """Somebody captures at the provider's own desk."""
    bank, session = town.session(move, "authorised")
    bank.change(session, "authorised", "paid")
    await _perhaps_tell(town, move, bank)


async def misprice(town: Town, move: Move) -> None:
    """What the citizen agrees to there is not what we asked for."""
    bank, session = town.session(move, "open")
    session.amount = Money(session.amount.amount_cents + (300, -300)[move.key % 2])
    bank.agree(session)
    await _perhaps_tell(town, move, bank)


async def dispute(town: Town, move: Move) -> None:
    """The payer calls the money back."""
    bank, session = town.session(move, "paid")
    bank.open_dispute(session)
    await _perhaps_tell(town, move, bank)


async def end_dispute(town: Town, move: Move) -> None:
    """Or begin again with what was won."""
    bank, dispute_id = one_of([(bank, id_) for bank in town.banks.values() for id_ in bank.disputes], move.whom)
    status: Any = ("won", "lost", "opened")[move.key // 2 % 3]
    bank.end_dispute(dispute_id, status)
    await _perhaps_tell(town, move, bank)


async def _perhaps_tell(town: Town, move: Move, bank: Bank) -> None:
    if move.key % 2:
        await _tell(town, bank, bank.post[-1])


async def spoil(town: Town, move: Move) -> None:
    """The next call comes to nothing, or to something that nobody hears of; or our process dies at it."""
    call = ANY if move.key // 4 else CALLS[move.whom % len(CALLS)]
    for bank in town.banks.values():
        bank.spoil(call, FAULTS[move.key % len(FAULTS)])


async def go_deaf(town: Town, move: Move) -> None:
    town.deaf = bool(move.key % 2)


# --- clock and worker -------------------------------------------------------------------------------------------------


async def work(town: Town, move: Move | None = None) -> int:
    """The worker's loops, one of them or all."""
    loops: tuple[Callable[[], Awaitable[int]], ...] = (
        lambda: sweep_attempts(town.tools),
        lambda: expire_payments(town.tools),
        lambda: submit_refunds(town.tools),
        lambda: read_disputes(town.tools),
        lambda: tell_checking(town.tools),
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
    "misprice": misprice,
    "dispute": dispute,
    "end_dispute": end_dispute,
    "approve": approve,
    "decide": decide,
    "transfer": transfer,
    "work": work_,
}

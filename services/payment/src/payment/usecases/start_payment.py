"""The one birth of a payment. Those that a tenant asks for at the same time are born in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from contracts.payment import NewPayment
from kit.batches import Batches
from kit.ids import uuid7
from kit.sql import Connection
from payment.domain import kassenzeichen
from payment.domain.errors import InvalidRequest, KeyReused, PaymentMissing
from payment.domain.order import Order, check_order, lifetime_s
from payment.domain.payment import Payment
from payment.store.payments import Birth, insert_payments
from payment.store.tenants import Issuer, find_issuer
from payment.usecases.once import Answer, Once, find_stored, keep_answers
from payment.usecases.read_payment import view_of_new
from payment.usecases.tools import Tools


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    order: Order
    once: Once
    actor: str


Creations = Batches[str, Wanted, Answer]
"""Of a tenant's payments that are asked for at the same time; made with `start_payments`."""


async def start_payment(
    tools: Tools, creations: Creations, tenant: str, asked: NewPayment, once: Once, actor: str
) -> Answer:
    """Raises InvalidRequest, KeyReused."""
    order = check_order(asked, allow_loopback=tools.allow_loopback)
    return await creations.take(tenant, Wanted(order=order, once=once, actor=actor))


async def start_payments(
    tools: Tools, tenant: str, wanted: Sequence[Wanted]
) -> list[Answer | InvalidRequest | KeyReused]:
    """For each its answer. One that may not be made, or was made before, leaves the others as they are."""
    async with tools.acting_for(tenant) as connection:
        births = await _conceive(connection, tools, tenant, [(one.order, uuid7(), one.actor) for one in wanted])
        answers = {place: Answer(201, view_of_new(tools, birth.payment)) for place, birth in births.items()}
        new = await keep_answers(connection, {place: (wanted[place].once, answers[place]) for place in births})
        await insert_payments(connection, [births[place] for place in new])
        return [
            answers[place] if place in new else await _answer_again(connection, tools, tenant, one)
            for place, one in enumerate(wanted)
        ]


async def create_payment(
    connection: Connection, tools: Tools, tenant: str, order: Order, id_: UUID, actor: str
) -> Payment:
    """In the caller's transaction. Raises InvalidRequest."""
    births = await _conceive(connection, tools, tenant, [(order, id_, actor)])
    if not births:
        raise _not_listed(order)
    await insert_payments(connection, [births[0]])
    return births[0].payment


async def _conceive(
    connection: Connection, tools: Tools, tenant: str, wanted: Sequence[tuple[Order, UUID, str]]
) -> dict[int, Birth]:
    """By their places, those that send the citizen back to a listed origin: no one can use a town's checkout to send
    people elsewhere.
    """
    origins = [order.origin for order, _, _ in wanted if order.origin]
    issuer = await find_issuer(connection, tenant, origins, len(wanted))
    if issuer is None:
        raise PaymentMissing(f"There is no tenant {tenant}.")
    now = tools.clock()
    return {
        place: Birth(_draft(issuer, order, issuer.numbers[place], id_, now), order.asked.items, actor)
        for place, (order, id_, actor) in enumerate(wanted)
        if order.origin is None or order.origin in issuer.origins
    }


def _draft(issuer: Issuer, order: Order, number: int, id_: UUID, now: datetime) -> Payment:
    asked = order.asked
    year = now.astimezone(ZoneInfo(issuer.profile.time_zone)).year
    return Payment(
        id=id_,
        tenant=issuer.slug,
        state="created",
        version=1,
        reference=asked.reference,
        treasury_reference=kassenzeichen.make(issuer.kassenzeichen, year=year, number=number),
        description=asked.description,
        amount_cents=order.total_cents,
        currency=asked.currency,
        capture=asked.capture,
        language=asked.language,
        return_url=asked.return_url,
        expires_at=now + timedelta(seconds=lifetime_s(asked)),
        created_at=now,
    )


async def _answer_again(
    connection: Connection, tools: Tools, tenant: str, wanted: Wanted
) -> Answer | InvalidRequest | KeyReused:
    try:
        stored = await find_stored(connection, tools, wanted.once, tenant)
    except KeyReused as error:
        return error
    return stored or _not_listed(wanted.order)


def _not_listed(order: Order) -> InvalidRequest:
    return InvalidRequest((order.url_field, f"{order.origin} is not among the tenant's return origins"))

"""All that may happen to a visit next: by the citizen, the office, the clock, and by news of its payment."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache

import msgspec
from tests.booking.domain.samples import appointment
from tests.paths.commands import obey
from tests.paths.world import (
    BEGIN,
    FEE_CENTS,
    Move,
    Order,
    Visit,
    World,
    changed,
    current_news,
    new_payment,
    with_order,
)

from booking.domain.appointment import LIVE, WITH_DEADLINE, Appointment, By, Command, Decision
from booking.domain.change import cancel, cancel_by_office
from booking.domain.confirmation import confirm
from booking.domain.errors import HoldExhausted
from booking.domain.reservation import HOLD, await_payment, expire, go_to_checkout, payment_expires_in_s
from booking.domain.settlement import PaymentNews, refuse_late, settle
from booking.usecases.begin_payment import OVER
from contracts.money import Money
from contracts.payment import PaymentView


def new_visit() -> Visit:
    """Reserved, with its contact: the citizen is about to choose how to pay."""
    plain = appointment(
        held_at=BEGIN,
        expires_at=BEGIN + HOLD,
        starts_at=BEGIN + timedelta(days=9),
        ends_at=BEGIN + timedelta(days=9, minutes=15),
        fee_cents=FEE_CENTS,
        updated_at=BEGIN,
    )
    return Visit(**msgspec.structs.asdict(plain))


def booking_moves(world: World) -> Iterator[Move]:
    visit = world.visit
    if visit is None:
        return
    if visit.state not in LIVE and not world.is_slot_taken:
        yield Move("somebody else takes the slot", changed(world, is_slot_taken=True))
    yield from _citizens(world, visit)
    if visit.state in ("awaiting_payment", "confirmed"):
        yield Move("office cancels", _recorded(world, cancel_by_office(visit, "", world.now, By("staff", "s"))))
    if visit.is_overdue(world.now):
        yield Move("reservation lapses", _recorded(world, expire(visit, world.now)))
    for command in dict.fromkeys(world.commands):
        yield Move(f"payment hears: {command.verb}", send(world, command))
    for news in sorted(world.news, key=lambda each: (each.payment_id, each.version)):
        if hear(visit, news, world.now):
            yield Move(f"booking hears: {news.payment_id.int} {news.state} {news.version}", deliver(world, news))


def _citizens(world: World, visit: Appointment) -> Iterator[Move]:
    is_free = visit.state in LIVE or not world.is_slot_taken
    if visit.state in ("held", "awaiting_payment", "confirmed"):
        yield Move("citizen cancels", _recorded(world, cancel(visit, world.now)))
    if visit.state in ("held", "awaiting_payment", "expired") and is_free:
        yield Move("citizen pays at the counter", _recorded(world, confirm(visit, "counter", None, world.now)))
        if visit.payment_state in OVER:
            yield from _to_checkout(world, visit)


def _to_checkout(world: World, visit: Appointment) -> Iterator[Move]:
    """`usecases/go_to_checkout.py`; killed right after payment's answer, it is asked again under the same key."""
    if len(world.orders) == world.bounds.payments:
        return
    try:
        prepared = go_to_checkout(visit, None, world.now).after
    except HoldExhausted:
        return
    lifetime = timedelta(seconds=payment_expires_in_s(prepared))
    payment = new_payment(len(world.orders), "manual", world.now, lifetime)
    world = changed(world, orders=(*world.orders, Order(payment)), visit=_plain(prepared))
    yield Move("citizen goes to the checkout", _attach(world))
    yield Move("citizen goes to the checkout; booking dies", world)


def _attach(world: World) -> World:
    assert world.visit is not None
    payment = world.orders[-1].payment
    view = PaymentView(
        id=payment.id,
        state=payment.state,
        version=payment.version,
        reference="",
        amount=Money(FEE_CENTS, "EUR"),
        refunded=Money(0, "EUR"),
        next_url="",
        treasury_reference="K1",
        expires_at=payment.expires_at,
    )
    return _recorded(world, await_payment(world.visit, view, world.now))


def _recorded(world: World, decision: Decision) -> World:
    """`usecases/record.py`: a capture that was not sent yet is withdrawn by a cancellation."""
    commands = world.commands
    for command in decision.commands:
        if command.verb == "cancel":
            commands = tuple(
                each for each in commands if each != Command(verb="capture", payment_id=command.payment_id)
            )
        if command not in commands:
            commands = (*commands, command)
    visit = _plain(decision.after)
    news = current_news(world.news, visit, world.orders) if world.orders else world.news
    return changed(world, visit=visit, commands=commands, news=news)


def _plain(visit: Appointment) -> Appointment:
    """Without what counts up and decides nothing."""
    return changed(visit, version=1, citizen_sequence=0, updated_at=BEGIN)


def send(world: World, command: Command) -> World:
    """The answer is final: payment did it, or never will."""
    world = changed(world, commands=tuple(each for each in world.commands if each != command))
    index = command.payment_id.int - 1
    return with_order(world, index, obey(world.orders[index], command))


hear = cache(settle)
"""The same news is heard in many worlds."""


def deliver(world: World, news: PaymentNews) -> World:
    """`usecases/apply_payment.py`."""
    assert world.visit is not None
    while decision := hear(world.visit, news, world.now):
        if decision.takes_slot and world.is_slot_taken:
            decision = refuse_late(world.visit, news, world.now)
        world = _recorded(world, decision)
        if world.visit is None or news.payment_id != world.visit.payment_id:
            break
    return world


def is_reserved(visit: Appointment) -> bool:
    return visit.state in WITH_DEADLINE

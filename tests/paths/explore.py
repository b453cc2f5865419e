"""Breadth first through all worlds that can be reached, up to a bound; and how each of them ends once nothing fails."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.paths.booking_moves import booking_moves, deliver, hear, send
from tests.paths.payment_moves import (
    arrive,
    asks,
    expire,
    give_back,
    is_overdue,
    late_answers,
    may_submit,
    payment_moves,
    sent,
    wants_look,
    write_down,
)
from tests.paths.treasury_moves import go_on
from tests.paths.world import Move, Order, World, changed, news_of, with_order

from booking.domain.reservation import expire as lapse

Judge = Callable[[World], str | None]
"""What is wrong with a world in which nothing more will happen by itself."""


class Found(NamedTuple):
    worlds: int
    faults: list[str]
    """Each with the shortest way there."""


def explore(begin: World, more_moves: Callable[[World], Iterator[Move]], judge: Judge, worlds_max: int) -> Found:
    """Ends with the first fault's distance: what lies further away adds nothing to it."""
    came_from: dict[World, tuple[World, str] | None] = {begin: None}
    verdicts: dict[World, str | None] = {}
    faults: list[str] = []
    edge = [begin]
    while edge and not faults:
        reached: list[World] = []
        for world in edge:
            verdict = _verdict(world, judge, verdicts)
            if verdict and len(faults) < 3:
                faults.append(f"{verdict}: {' → '.join(_way(came_from, world))}")
            for move in _moves(world, more_moves):
                if move.after not in came_from and len(came_from) < worlds_max:
                    came_from[move.after] = (world, move.name)
                    reached.append(move.after)
        edge = reached
    return Found(len(came_from), faults)


def _moves(world: World, more_moves: Callable[[World], Iterator[Move]]) -> Iterator[Move]:
    yield from payment_moves(world)
    yield from booking_moves(world)
    yield from more_moves(world)
    if world.tick < world.bounds.ticks:
        yield Move("time passes", changed(world, tick=world.tick + 1))


def _way(came_from: dict[World, tuple[World, str] | None], world: World) -> list[str]:
    names: list[str] = []
    while step := came_from[world]:
        world, name = step
        names.append(name)
    return names[::-1]


def _verdict(world: World, judge: Judge, verdicts: dict[World, str | None]) -> str | None:
    """Of the end that this world comes to when every worker works and every word arrives."""
    chain: dict[World, None] = {}
    while world not in verdicts:
        chain[world] = None
        after = _go_on(world)
        if after is None:
            verdicts[world] = judge(world)
            break
        if after in chain:
            verdicts[world] = "it goes in circles"
            break
        world = after
    verdict = verdicts[world]
    verdicts.update(dict.fromkeys(chain, verdict))
    return verdict


def _go_on(world: World) -> World | None:
    """One thing that the workers, webhooks and the clock do by themselves; None when all is done."""
    for index, order in enumerate(world.orders):
        after = _work(order, world)
        if after:
            return with_order(world, index, after)
        if world.bounds.staff and (after := go_on(order)):
            return with_order(world, index, after)
    if world.commands:
        return send(world, world.commands[0])
    if world.visit:
        for order in world.orders:
            decision = hear(world.visit, news_of(order), world.now)
            if decision and (order.payment.id == world.visit.payment_id or decision.commands):
                return deliver(world, news_of(order))
        if world.visit.is_overdue(world.now):
            return changed(world, visit=lapse(world.visit, world.now).after)
    return changed(world, tick=world.tick + 1) if world.tick < world.bounds.ticks + 2 else None


def _work(order: Order, world: World) -> Order | None:
    if order.asked:
        return write_down(order)
    if order.sent:
        return arrive(order, order.sent, next(late_answers(order, order.sent)))
    for number in range(len(order.attempts)):
        if wants_look(order, number):
            good = next((answer for answer in asks(order, number) if answer.is_good), None)
            if good:
                return arrive(order, sent(order, number), good)
    for number, refund in enumerate(order.refunds):
        if may_submit(order, refund):
            return give_back(order, number)
    return expire(order) if is_overdue(order.payment, world.now) else None

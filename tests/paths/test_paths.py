"""No path ends in "charged without a visit or a review", in two charges, or in a state without an exit."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.paths.booking_moves import is_reserved, new_visit
from tests.paths.commands import obey
from tests.paths.explore import explore
from tests.paths.treasury_moves import treasury_moves
from tests.paths.world import BEGIN, FEE_CENTS, Bounds, Move, Order, World, changed, new_payment, with_order

from booking.domain.appointment import STANDING, Command
from payment.domain.payment import CaptureMode
from payment.domain.review import DECISIONS

IS_SOAK = "SOAK_WORLDS" in os.environ
WORLDS_MAX = int(os.environ.get("SOAK_WORLDS", "10000"))
EVERY_ONE = 1_000_000
"""More than there are."""
ENDS = {"paid", "cancelled", "expired", "capture_failed", "review"}


def no_other_moves(_: World) -> Iterator[Move]:
    return iter(())


def portals_moves(world: World) -> Iterator[Move]:
    """A portal's program cancels or gives back whenever it likes."""
    (order,) = world.orders
    if len(order.refunds) > 1:
        return
    for verb in ("cancel", "refund"):
        command = Command(verb=verb, payment_id=order.payment.id, amount_cents=FEE_CENTS)
        after = obey(order, command)
        if after != order:
            yield Move(f"portal: {verb}", with_order(world, 0, after))


def everybodys_moves(world: World) -> Iterator[Move]:
    yield from portals_moves(world)
    yield from treasury_moves(world)
    (order,) = world.orders
    if order.payment.state == "authorised":
        after = obey(order, Command(verb="capture", payment_id=order.payment.id))
        yield Move("portal: capture", with_order(world, 0, after))


def judge_money(world: World) -> str | None:
    for order in world.orders:
        if order.payment.state not in ENDS or (world.bounds.staff and order.payment.state == "review"):
            return f"a payment stays {order.payment.state}"
        if any(refund.state in ("requested", "approved", "submitted") for refund in order.refunds):
            return "a refund is stuck"
        if order.kept_cents < order.by_hand_cents or any(session.taken_cents < 0 for session in order.sessions):
            return "more went back than was taken"
        if any(attempt.is_live or attempt.state in ("authorised", "voiding") for attempt in order.attempts):
            return "an attempt stays open"
        if any(session.truth == "authorised" for session in order.sessions) and not order.is_with_a_person:
            return "money stays reserved"
        is_called_off = order.payment.cancel_requested_at and not world.bounds.staff
        if is_called_off and order.kept_cents and not order.is_with_a_person:
            return "cancelled, and charged"
        if wrong := _charged_wrongly(order):
            return wrong
    return None


def _charged_wrongly(order: Order) -> str | None:
    """What was lost by a dispute was charged all the same, of a payment that counts."""
    is_paid = order.payment.state == "paid"
    wanted = order.payment.amount_cents - order.payment.refunded_cents if is_paid else 0
    charged = (order.taken_cents if is_paid else order.kept_cents) - order.by_hand_cents
    if charged != wanted and not order.is_with_a_person:
        return f"{charged} cents are charged, the payment is {order.payment.state}"
    return None


def judge_visit(world: World) -> str | None:
    if wrong := judge_money(world):
        return wrong
    assert world.visit is not None
    visit = world.visit
    if is_reserved(visit):
        return f"the visit stays {visit.state}"
    if any(order.is_with_a_person for order in world.orders):
        return None
    charged_cents = sum(order.kept_cents for order in world.orders)
    stands = visit.state in STANDING
    if charged_cents and not stands:
        return f"{charged_cents} cents are charged, the visit is {visit.state}"
    if charged_cents > FEE_CENTS:
        return "two charges"
    if stands and visit.payment_mode == "online" and charged_cents != FEE_CENTS:
        return f"the visit stands as paid online, {charged_cents} cents are charged"
    if stands and visit.payment_mode == "counter" and charged_cents:
        return "charged, and due at the counter"
    return None


def forgetful_booking(world: World) -> Iterator[Move]:
    if world.commands:
        yield Move("booking forgets its commands", changed(world, commands=()))


def test_every_path_of_a_visit_with_one_attempt_to_pay() -> None:
    found = explore(World(Bounds(), new_visit()), no_other_moves, judge_visit, EVERY_ONE)
    assert not found.faults, "\n".join(found.faults)
    assert 50_000 < found.worlds < EVERY_ONE


def test_paths_of_a_visit_with_two_payments_and_changes_of_method() -> None:
    bounds = Bounds(payments=2, attempts=2, ticks=4, delays=True)
    found = explore(World(bounds, new_visit()), no_other_moves, judge_visit, WORLDS_MAX)
    assert not found.faults, "\n".join(found.faults)
    assert found.worlds == WORLDS_MAX


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(attempts=2, delays=True)], ids=["one", "two"])
def test_a_portals_payment(bounds: Bounds) -> None:
    found = explore(_portals(bounds), portals_moves, judge_money, WORLDS_MAX)
    assert not found.faults, "\n".join(found.faults)
    assert found.worlds > 500


@pytest.mark.parametrize("capture", ["automatic", "manual"])
@pytest.mark.parametrize("attempts", [1, 2] if IS_SOAK else [1])
def test_what_people_decide_and_payers_dispute(attempts: int, capture: CaptureMode) -> None:
    reached: set[str] = set()

    def moves(world: World) -> Iterator[Move]:
        for move in everybodys_moves(world):
            reached.add(move.name.removeprefix("payment 1: ").removesuffix(", asked"))
            yield move

    order = Order(new_payment(0, capture, BEGIN, timedelta(minutes=30)))
    found = explore(World(Bounds(attempts=attempts, staff=True), None, (order,)), moves, judge_money, WORLDS_MAX // 2)
    assert not found.faults, "\n".join(found.faults)
    assert {"dispute 0 won", "dispute 0 lost", "refund 0 released", "refund 0 by hand"} <= reached
    assert {"accept_amount", "give_back", "close"} <= reached
    # No provider here answers in another currency or under another name, which is what `returned` is for.
    assert capture == "automatic" or set(DECISIONS) - {"returned"} <= reached


def test_a_forgotten_command_would_be_found() -> None:
    """The explorer's own proof: with one promise broken, it names the way to the harm."""
    found = explore(World(Bounds(), new_visit()), forgetful_booking, judge_visit, EVERY_ONE)
    assert any("booking forgets its commands" in fault for fault in found.faults)


def _portals(bounds: Bounds) -> World:
    return World(bounds, None, (Order(new_payment(0, "automatic", BEGIN, timedelta(minutes=30))),))

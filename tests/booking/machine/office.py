"""What the office does in the state machine's stories: single visits, closed days, absences, rules, invitations."""

from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from uuid import UUID

import msgspec
from tests.booking import sample
from tests.booking.machine.house import Move, Nobody, Operation, Town

from booking.domain.appointment import By
from booking.domain.attendance import call, check_in, complete, miss
from booking.domain.catalogue import Catalogue
from booking.domain.closing import Closing
from booking.domain.contact import Contact
from booking.domain.rule_edits import RuleEdit, add_closure, put_exception, replace_opening
from booking.domain.rule_set import Closure, Hours, OpeningRule, ScheduleException
from booking.domain.visit_plan import RequestedItem
from booking.usecases.attend_visit import attend_visit
from booking.usecases.begin_absence import AbsenceWish, begin_absence
from booking.usecases.book_for_caller import BookingKey, StaffBooking, book_for_caller
from booking.usecases.cancel_visit import cancel_visit
from booking.usecases.change_items import ItemChange, change_visit_items
from booking.usecases.change_rules import Author, apply_edit
from booking.usecases.close_office import close_office
from booking.usecases.decline_rebooking import give_up_rebooking
from booking.usecases.end_absence import end_absence
from booking.usecases.erase_appointment import erase_appointment
from booking.usecases.fold_statistics import fold_statistics
from booking.usecases.follow_invitation import hold_invited
from booking.usecases.hold_slot import Request
from booking.usecases.invite import InvitationWish, invite
from booking.usecases.offer_freed_slots import offer_freed_slots
from booking.usecases.offer_rebooking import offer_rebooking_of
from booking.usecases.once import Once
from booking.usecases.reassign_visit import reassign_visit
from booking.usecases.release_overdue import release_overdue
from booking.usecases.reschedule_visit import reschedule_visit
from booking.usecases.send_commands import send_commands

STAFF = By("staff", "lea")
AUTHOR = Author("staff:lea", "")
MAX = Contact(given_name="Max", family_name="Muster", phone="+49 221 4710 100")


async def offer_rebooking(town: Town, move: Move) -> None:
    await offer_rebooking_of(town.pool, town.clock, town.someone(move), "Das Amt ist geschlossen.", STAFF)


async def cancel_by_office(town: Town, move: Move) -> None:
    for_citizen = bool(move.key % 2)
    await cancel_visit(town.pool, town.clock, town.someone(move), "Leider.", STAFF, for_citizen=for_citizen)


async def attend(town: Town, move: Move) -> None:
    step = (check_in, call, complete, miss)[move.when % 4]
    await attend_visit(town.pool, town.clock, town.someone(move), step, STAFF)


async def reassign(town: Town, move: Move) -> None:
    await reassign_visit(town.pool, town.clock, town.someone(move), await _clerk(town, move.when), STAFF)


async def move_by_staff(town: Town, move: Move) -> None:
    access, catalogue = town.someone(move), await town.catalogues.get(town.slug)
    clerk = await _clerk(town, move.key) if move.key % 2 else None
    await reschedule_visit(town.pool, catalogue, town.clock, access, town.start(move.when), STAFF, clerk_id=clerk)


async def book_by_phone(town: Town, move: Move) -> None:
    booking = StaffBooking(
        items=(_item(town, move),),
        booked_via="phone",
        start=town.start(move.when),
        clerk_id=await _clerk(town, move.key),
        contact=MAX,
        overbook=bool(move.key % 2),
    )
    await _book(town, move, booking)


async def walk_in(town: Town, move: Move) -> None:
    clerk = await _clerk(town, move.when) if move.key % 2 else None
    items = (_item(town, move),)
    await _book(town, move, StaffBooking(items=items, booked_via="walk_in", clerk_id=clerk, overbook=bool(clerk)))


async def change_items(town: Town, move: Move) -> None:
    """By the citizen or the staff: other services, more persons, now and then at another time."""
    access, catalogue = town.someone(move), await town.catalogues.get(town.slug)
    items = (_item(town, move),) if move.key % 3 else (_item(town, move), _item(town, move, 1))
    change = ItemChange(items, town.start(move.when) if move.when % 3 == 0 else None)
    by = STAFF if move.key % 2 else By("citizen")
    await change_visit_items(town.pool, catalogue, town.clock, access, change, by=by)


async def erase(town: Town, move: Move) -> None:
    await erase_appointment(town.pool, town.clock, town.someone(move), By("citizen"))


async def absent(town: Town, move: Move) -> None:
    """A clerk is away from a quarter of an hour on, or from now; or somebody is back."""
    catalogue = await town.catalogues.get(town.slug)
    if move.key % 3 == 0:
        rows = await town.pool.fetch("SELECT id FROM absence WHERE tenant = $1 ORDER BY id", town.slug)
        if not rows:
            raise Nobody
        absence_id = rows[move.when % len(rows)]["id"]
        await end_absence(town.pool, catalogue, town.clock, absence_id, STAFF, for_others=True)
        return
    start = town.start(move.when) if move.key % 3 == 1 else None
    ends_at = max(start or town.now, town.now) + timedelta(minutes=30 + 60 * (move.key % 4))
    wish = AbsenceWish(clerk_id=await _clerk(town, move.whom), starts_at=start, ends_at=ends_at)
    await begin_absence(town.pool, catalogue, town.clock, wish, STAFF, _once(town, "absence", move), for_others=True)


async def close(town: Town, move: Move) -> None:
    """Part of a day is closed for everybody, and all who would come are taken care of."""
    catalogue = await town.catalogues.get(town.slug)
    (location_id,) = catalogue.locations
    start = town.start(move.when)
    closing = Closing(
        location_id=location_id if move.key % 2 else None,
        day=start.date(),
        closed_from=start.time(),
        closed_to=(start + timedelta(minutes=30)).time(),
        reason="Wasserschaden",
    )
    await close_office(town.pool, catalogue, town.clock, closing, None, STAFF, _once(town, "closing", move))


async def change_rules(town: Town, move: Move) -> None:
    """Nobody's visit is touched by it: whoever is stranded is listed."""
    catalogue = await town.catalogues.get(town.slug)
    await apply_edit(town.pool, town.clock, town.slug, _edit(town, catalogue, move), AUTHOR)


async def invite_and_hold(town: Town, move: Move) -> None:
    """One invitation in a story for each key: whoever comes second with it finds it used, or held."""
    catalogue = await town.catalogues.get(town.slug)
    wish = InvitationWish(items=(_item(town, Move("", 0, 0, 0)),))
    once = Once(f"{town.slug}:invitation", f"i{move.key}", b"")
    invitation = await invite(town.pool, catalogue, town.clock, wish, STAFF, once)
    request = Request(town.start(move.when), f"invited{move.key}-{move.whom}", bytes([move.when]))
    held = await hold_invited(town.pool, catalogue, town.clock, invitation, request)
    await town.remember(held.id)


async def work(town: Town, move: Move) -> None:
    """One of the worker's steps, out of turn."""
    steps: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: release_overdue(town.pool, town.slug, town.now),
        lambda: send_commands(town.pool, town.client, town.clock),
        lambda: offer_freed_slots(town.pool, town.catalogues, town.clock),
        lambda: give_up_rebooking(town.pool, town.clock),
        lambda: fold_statistics(town.pool),
    )
    await steps[move.when % len(steps)]()


async def _book(town: Town, move: Move, booking: StaffBooking) -> None:
    catalogue = await town.catalogues.get(town.slug)
    once = BookingKey(f"staff{move.key}-{move.when}-{move.whom}", msgspec.json.encode(booking))
    booked = await book_for_caller(town.pool, catalogue, town.clock, booking, once, STAFF)
    await town.remember(booked.id)


def _edit(town: Town, catalogue: Catalogue, move: Move) -> RuleEdit:
    (location_id,) = catalogue.locations
    day, lane_id = town.start(move.when).date(), sorted(catalogue.lanes)[move.whom % len(catalogue.lanes)]
    if move.key % 3 == 0:
        return put_exception(ScheduleException(location_id, lane_id, day, _hours(move), "Besprechung"))
    if move.key % 3 == 1:
        return add_closure(Closure(location_id, day, time(8, 30), time(9), "Probealarm"))
    weekdays = range(1, 8)
    return replace_opening(
        location_id,
        None,
        tuple(
            OpeningRule(location_id, None, weekday, hours.opens, hours.closes)
            for weekday in weekdays
            for hours in _hours(move)
        ),
    )


def _hours(move: Move) -> tuple[Hours, ...]:
    return (Hours(time(8), time(9 + move.when % 2)),) if move.when % 3 else ()


def _item(town: Town, move: Move, offset: int = 0) -> RequestedItem:
    services = (sample.PERSO, sample.PASS)
    return RequestedItem(sample.service_id(services[(move.whom + offset) % 2], town.slug), 1 + move.when % 2)


async def _clerk(town: Town, number: int) -> UUID:
    rows = await town.pool.fetch("SELECT id FROM clerk WHERE tenant = $1 ORDER BY id", town.slug)
    clerk_id: UUID = rows[number % len(rows)]["id"]
    return clerk_id


def _once(town: Town, scope: str, move: Move) -> Once:
    return Once(f"{town.slug}:{scope}", f"{move.key}-{move.when}-{town.now:%d%H%M}", bytes([move.whom]))


OFFICES_MOVES: dict[str, Operation] = {
    "offer_rebooking": offer_rebooking,
    "cancel_by_office": cancel_by_office,
    "attend": attend,
    "reassign": reassign,
    "move_by_staff": move_by_staff,
    "book_by_phone": book_by_phone,
    "walk_in": walk_in,
    "change_items": change_items,
    "erase": erase,
    "absent": absent,
    "close": close,
    "change_rules": change_rules,
    "invite_and_hold": invite_and_hold,
    "work": work,
}

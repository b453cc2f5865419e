"""What happens is counted once, without persons, and stays counted when the person is forgotten."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.booking.conftest import SetClock
from tests.booking.sample import MARRIAGE, PASS, PERSO, TENANT, service_id
from tests.booking.support.callers import Callers
from tests.booking.support.figures import counts
from tests.booking.support.guest import invite
from tests.booking.support.life import ERIKA, Life, at
from tests.booking.support.waitlist import accept, leave, offer, waiting

from booking.domain.appointment import By
from booking.domain.attendance import check_in, complete, miss
from booking.domain.configuration import id_for
from booking.domain.errors import BookingError
from booking.domain.visit_plan import RequestedItem
from booking.usecases.attend_visit import attend_visit
from booking.usecases.book_for_caller import BookingKey, StaffBooking, book_for_caller
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.cancel_visit import cancel_visit
from booking.usecases.decline_rebooking import give_up_rebooking
from booking.usecases.erase_appointment import erase_appointment
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.fold_statistics import fold_statistics
from booking.usecases.offer_rebooking import offer_rebooking_of
from booking.usecases.rebook_appointment import rebook_appointment
from booking.usecases.record_counter_payment import record_counter_payment
from kit.ids import uuid7

STAFF = By("staff", "eva.schmitz")


async def book_by_staff(life: Life, **wish: Any) -> None:
    booking = {"items": (RequestedItem(service_id(PERSO)),), "start": at("08:00"), "contact": ERIKA} | wish
    once = BookingKey(str(uuid7()), b"")
    await book_for_caller(
        life.pool, await life.catalogues.get(TENANT), life.clock, StaffBooking(**booking), once, STAFF
    )


async def test_a_booking_is_counted_by_each_of_its_traits_alone(life: Life) -> None:
    access = await life.hold(service=PERSO, quantity=2)
    assert await counts(life.pool, "bookings") == {}
    await life.confirm(access, "counter")
    assert await counts(life.pool, "bookings") == {
        ("", ""): (1, 2),  # two days ahead
        ("booked_via", "online"): (1, 2),
        ("channel", "on_site"): (1, 2),
        ("payment_mode", "counter"): (1, 2),
        ("opening_hours", "inside"): (1, 2),
        ("lead_days", "days_1_to_3"): (1, 2),
    }
    assert await counts(life.pool, "items") == {
        ("", ""): (1, 2),  # one booking, for two
        ("service", str(service_id(PERSO))): (1, 2),
    }
    assert await life.pool.fetchval("SELECT count(*) FROM statistic_fact") == 0


async def test_the_staff_s_bookings_are_counted_by_the_way_they_came(life: Life) -> None:
    clerk = id_for(TENANT, "clerk", "Clerk 0")
    await life.booked("09:00")
    await book_by_staff(life, booked_via="phone", clerk_id=clerk)
    await book_by_staff(life, booked_via="phone", clerk_id=clerk, overbook=True)  # beside the other
    await book_by_staff(life, booked_via="counter")
    life.later(hours=1)
    await book_by_staff(life, booked_via="walk_in", start=None, contact=None)
    found = await counts(life.pool, "bookings")
    assert {category: count for (by, category), (count, _) in found.items() if by == "booked_via"} == {
        "online": 1,
        "phone": 2,
        "counter": 1,
        "walk_in": 1,
    }
    assert found["lead_days", "same_day"] == (1, 0)


async def test_who_follows_an_invitation_books_online(life: Life, callers: Callers) -> None:
    guest, _ = await invite(callers)
    await life.confirm(await guest.held(), "counter")
    assert (await counts(life.pool, "bookings"))["booked_via", "online"][0] == 1


async def test_who_books_at_night_books_while_the_office_is_closed(life: Life, clock: SetClock) -> None:
    clock.now = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    await life.booked()
    assert (await counts(life.pool, "bookings"))["opening_hours", "outside"] == (1, 2)


async def test_what_was_open_too_long_ago_is_not_guessed(life: Life) -> None:
    await life.booked()
    await life.pool.execute("DELETE FROM day_mask WHERE day = '2026-11-23'")
    assert (await counts(life.pool, "bookings"))["opening_hours", "unknown"] == (1, 2)


async def test_what_was_not_kept_is_abandoned_and_no_booking(life: Life, clock: SetClock) -> None:
    lapsed, given_back = await life.hold(), await life.hold(at("09:00"))
    await cancel_appointment(life.pool, clock, given_back)
    clock.advance(minutes=20)
    await expire_appointments(life.pool, clock)
    for measure in ("bookings", "items", "cancellations"):
        assert await counts(life.pool, measure) == {}
    assert (await counts(life.pool, "abandoned"))["booked_via", "online"] == (2, 0)
    await life.confirm(lapsed, "counter")  # its slot was still free
    assert (await counts(life.pool, "abandoned"))["booked_via", "online"] == (1, 0)
    assert (await counts(life.pool, "bookings"))["", ""] == (1, 2)


async def test_facts_counted_by_several_workers_at_once_are_counted_once(life: Life) -> None:
    for time in ("08:00", "08:15", "08:30", "08:45"):
        await life.booked(time)
    done = await asyncio.gather(*(fold_statistics(life.pool) for _ in range(6)))
    assert sum(done) == 4
    assert (await counts(life.pool, "bookings"))["", ""][0] == 4


async def test_money_is_counted_when_it_is_there(life: Life, clock: SetClock) -> None:
    await life.paid()
    counter = await life.booked("09:00", service=PASS)
    for cents in (9000, 7000):  # it was mistyped
        await record_counter_payment(life.pool, clock, counter, cents, STAFF)
    assert await counts(life.pool, "payments") == {
        ("", ""): (2, 11600),
        ("method", "online"): (1, 4600),
        ("method", "counter"): (1, 7000),
    }
    await record_counter_payment(life.pool, clock, counter, 0, STAFF)  # it was somebody else's
    assert (await counts(life.pool, "payments"))["method", "counter"] == (0, 0)
    assert (await counts(life.pool, "bookings"))["payment_mode", "online"] == (1, 2)


async def test_changes_and_cancellations_by_whom(life: Life, clock: SetClock) -> None:
    access, other = await life.booked(), await life.booked("09:00")
    await life.move(access, "10:00")
    await life.change_items(access, (PERSO, 2))
    await life.change_items(access, (PERSO, 1), by=STAFF)
    await cancel_appointment(life.pool, clock, access)
    await cancel_visit(life.pool, clock, other, "Leider.", STAFF, for_citizen=False)
    assert await counts(life.pool, "moves") == {("", ""): (1, 0), ("by", "citizen"): (1, 0)}
    assert await counts(life.pool, "item_changes") == {
        ("", ""): (2, 0),
        ("by", "citizen"): (1, 0),
        ("by", "staff"): (1, 0),
    }
    assert await counts(life.pool, "cancellations") == {
        ("", ""): (2, 0),
        ("by", "citizen"): (1, 0),
        ("by", "office"): (1, 0),
    }
    assert (await counts(life.pool, "items"))["", ""] == (2, 2)  # as they were booked


async def test_what_the_office_cannot_keep_is_cancelled_when_nobody_takes_another_time(
    life: Life, clock: SetClock
) -> None:
    kept, lost = await life.booked(), await life.booked("09:00")
    for access in (kept, lost):
        await offer_rebooking_of(life.pool, clock, access, "Wasserschaden.", STAFF)
    catalogue = await life.catalogues.get(TENANT)
    await rebook_appointment(life.pool, catalogue, clock, kept, at("10:00", "2026-11-26"), By("citizen"))
    assert await counts(life.pool, "cancellations") == {}
    assert (await counts(life.pool, "moves"))["by", "citizen"] == (1, 0)
    life.later(days=8)
    await give_up_rebooking(life.pool, clock)
    assert await counts(life.pool, "cancellations") == {("", ""): (1, 0), ("by", "office"): (1, 0)}
    assert (await counts(life.pool, "bookings"))["", ""][0] == 2


async def test_who_came_late_after_all_is_no_no_show(life: Life, clock: SetClock) -> None:
    access = await life.booked(service=MARRIAGE)
    clock.now = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
    await attend_visit(life.pool, clock, access, miss, STAFF)
    assert (await counts(life.pool, "no_shows"))["", ""] == (1, 0)
    await attend_visit(life.pool, clock, access, check_in, STAFF)
    await attend_visit(life.pool, clock, access, complete, STAFF)
    assert (await counts(life.pool, "no_shows"))["", ""] == (0, 0)
    assert (await counts(life.pool, "completed"))["booked_via", "online"] == (1, 0)


async def test_a_slot_held_for_the_waitlist_is_nobody_s_and_counts_when_it_is_taken(life: Life) -> None:
    access = await waiting(life)
    await leave(life, "09:00")
    await offer(life)
    assert (await counts(life.pool, "bookings"))["", ""][0] == 2
    await accept(life, access)
    assert await counts(life.pool, "recovered") == {("", ""): (1, 0)}
    assert (await counts(life.pool, "moves"))["by", "citizen"] == (1, 0)
    assert (await counts(life.pool, "bookings"))["", ""][0] == 2
    assert await counts(life.pool, "abandoned") == {}


async def test_what_is_rolled_back_is_not_counted(life: Life, clock: SetClock) -> None:
    access = await life.booked()
    for time in ("13:00", "08:00"):
        with pytest.raises(BookingError):
            await life.move(access, time, "2026-11-21")
    assert await counts(life.pool, "moves") == {}


async def test_erasure_changes_no_figure_and_no_table_of_figures_names_anybody(life: Life, clock: SetClock) -> None:
    access = await life.booked()
    facts = [tuple(row) for row in await life.pool.fetch("SELECT * FROM statistic_fact")]
    before = await counts(life.pool, "bookings")
    await erase_appointment(life.pool, clock, access, By("citizen"))
    assert await counts(life.pool, "bookings") == before
    assert (await counts(life.pool, "cancellations"))["", ""] == (1, 0)
    kept = [tuple(row) for row in await life.pool.fetch("SELECT * FROM statistic_count")]
    assert facts
    assert kept
    for secret in (str(access.appointment_id), "Erika", "Mustermann", "example.org"):
        assert secret not in str([facts, kept])

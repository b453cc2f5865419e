"""Caps are exact, also when eight requests come at once; and a name that booked stays."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.booking.sample import MARRIAGE, PASS, PERSO, TENANT, service_id
from tests.booking.support.life import ERIKA, Life, at
from tests.booking.support.outcomes import unforeseen

from booking.domain.errors import BookingError, Conflict, SlotTaken, TooManyBookings, TooManyHolds
from booking.domain.fairness import NO_CAPS, Gate, Proof
from booking.domain.visit_plan import RequestedItem, plan_visit
from booking.usecases.ask_activation import ask_activation_again
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.confirm_appointment import Confirmation, confirm_appointment
from booking.usecases.hold_fairly import Client, forget_open_holds, hold_fairly
from booking.usecases.hold_slot import Request
from booking.usecases.save_contact import save_contact
from booking.usecases.view_appointment import Access, AppointmentView
from contracts.tenant import Fairness
from kit.ids import uuid7

TIMES = ("08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30")


def caps(**values: int) -> Fairness:
    return msgspec.structs.replace(NO_CAPS, **values)


def gate(person: bytes = b"a person's key..", proof: Proof = "exempt", **values: int) -> Gate:
    return Gate(caps=caps(**values), proof=proof, person_key=person)


async def confirm(life: Life, access: Access, gate: Gate) -> AppointmentView:
    request = Confirmation(contact=ERIKA, payment="counter")
    return await confirm_appointment(life.pool, life.checkout, life.clock, access, request, gate)


async def hold(
    life: Life, start: str = "08:00", client: bytes | None = b"a client's key..", key: str = "", **more: Any
) -> Access:
    catalogue = await life.catalogues.get(TENANT)
    plans = plan_visit(catalogue, [RequestedItem(service_id(PERSO))])
    who = Client(client, caps(holds_per_client=more.get("cap", 3)), more.get("proof", "exempt"))
    request = Request(at(start), key or str(uuid7()), b"the body")
    held = await hold_fairly(life.pool, catalogue, plans, request, life.clock(), who)
    return Access(TENANT, held.id)


def count(outcomes: Sequence[object], type_: type) -> int:
    assert unforeseen(outcomes, BookingError) == []
    return sum(isinstance(each, type_) for each in outcomes)


# --- reservations of one client ---------------------------------------------------------------------------------


async def test_eight_holds_at_once_pass_a_cap_of_three_three_times(life: Life) -> None:
    outcomes = await asyncio.gather(*(hold(life, start) for start in TIMES), return_exceptions=True)
    assert (count(outcomes, Access), count(outcomes, TooManyHolds)) == (3, 5)
    assert await hold(life, "08:00", client=b"somebody else...")
    assert await life.pool.fetchval("SELECT count(*) FROM appointment") == 4
    await life.check()


async def test_what_is_booked_cancelled_or_lapsed_makes_room(life: Life) -> None:
    first, second = await hold(life, "08:00", cap=2), await hold(life, "08:30", cap=2)
    with pytest.raises(TooManyHolds):
        await hold(life, "09:00", cap=2)
    await life.confirm(first, "counter")
    third = await hold(life, "09:00", cap=2)
    await cancel_appointment(life.pool, life.clock, third)
    assert await hold(life, "09:30", cap=2)
    life.later(minutes=16)
    for start in ("10:00", "10:30"):
        assert await hold(life, start, cap=2)
    assert second


async def test_a_repeated_request_is_counted_once_and_a_failed_one_not_at_all(life: Life) -> None:
    first = await hold(life, "08:00", cap=1, key="same")
    assert await hold(life, "08:00", cap=1, key="same") == first
    with pytest.raises(TooManyHolds):
        await hold(life, "08:30", cap=1)
    for _ in range(2):
        await hold(life, "09:00", client=None)
    await hold(life, "09:00", client=b"fills the lane..")
    with pytest.raises(SlotTaken):
        await hold(life, "09:00", client=b"came too late...", cap=1)
    assert await hold(life, "09:30", client=b"came too late...", cap=1)


async def test_no_trace_of_a_client_outlives_a_reservation(life: Life) -> None:
    await hold(life)
    life.later(minutes=89)
    await forget_open_holds(life.pool, life.clock)
    assert await life.pool.fetchval("SELECT count(*) FROM open_hold") == 1
    life.later(minutes=2)
    await forget_open_holds(life.pool, life.clock)
    assert await life.pool.fetchval("SELECT count(*) FROM open_hold") == 0


async def test_without_a_cap_nothing_is_counted(life: Life) -> None:
    await hold(life, cap=0)
    await hold(life, client=None)
    assert await life.pool.fetchval("SELECT count(*) FROM open_hold") == 0


# --- visits of one person ---------------------------------------------------------------------------------------


async def test_eight_confirmations_at_once_pass_a_cap_of_three_three_times(life: Life) -> None:
    held = [await life.hold(at(start)) for start in TIMES]
    narrow = gate(bookings_per_person=3)
    outcomes = await asyncio.gather(*(confirm(life, access, narrow) for access in held), return_exceptions=True)
    assert (count(outcomes, AppointmentView), count(outcomes, TooManyBookings)) == (3, 5)
    states = await life.pool.fetch("SELECT state, count(*) AS n FROM appointment GROUP BY state")
    assert {row["state"]: row["n"] for row in states} == {"confirmed": 3, "held": 5}
    assert await life.pool.fetchval("SELECT count(*) FROM contact") == 3  # what was refused wrote nothing
    await life.check()


async def test_a_cap_of_a_day_is_of_one_service_on_that_day(life: Life) -> None:
    narrow = gate(bookings_per_day=1)
    await confirm(life, await life.hold(at("08:00")), narrow)
    again = await life.hold(at("09:00"))
    with pytest.raises(TooManyBookings, match="on that day"):
        await confirm(life, again, narrow)
    await confirm(life, await life.hold(at("09:00"), service=PASS), narrow)
    await confirm(life, await life.hold(at("09:00", "2026-11-26")), narrow)
    await confirm(life, again, gate(b"somebody else...", bookings_per_day=1))


async def test_only_visits_to_come_count(life: Life) -> None:
    narrow = gate(bookings_per_person=1)
    first = await life.hold(at("08:00"))
    await confirm(life, first, narrow)
    await confirm(life, first, narrow)  # pressed twice: it is the same one
    second = await life.hold(at("09:00"))
    with pytest.raises(TooManyBookings):
        await confirm(life, second, narrow)
    await cancel_appointment(life.pool, life.clock, first)
    await confirm(life, second, narrow)
    life.later(days=3)
    await confirm(life, await life.hold(at("09:00", "2026-11-27")), narrow)


async def test_reservations_count_by_person_from_the_draft_on(life: Life) -> None:
    narrow = gate(holds_per_person=2)
    held = [await life.hold(at(start)) for start in TIMES[:4]]
    for access in held[:2]:
        await save_contact(life.pool, life.clock, access, ERIKA, narrow)
    with pytest.raises(TooManyHolds):
        await save_contact(life.pool, life.clock, held[2], ERIKA, narrow)
    with pytest.raises(TooManyHolds):
        await confirm(life, held[3], narrow)
    await confirm(life, held[0], narrow)
    await save_contact(life.pool, life.clock, held[2], ERIKA, narrow)
    life.later(minutes=16)
    await save_contact(life.pool, life.clock, await life.hold(at("12:00") - timedelta(minutes=15)), ERIKA, narrow)


async def test_mending_an_address_passes_no_cap(life: Life) -> None:
    """Book as somebody, then mend the address to one that has enough already."""
    mine, other = gate(b"my own key......", bookings_per_person=1), gate(b"another key.....", bookings_per_person=1)
    await confirm(life, await life.hold(at("08:00")), mine)
    second = await life.hold(at("09:00"))
    await confirm(life, second, msgspec.structs.replace(other, proof="missing"))
    life.later(minutes=2)
    with pytest.raises(TooManyBookings):
        await ask_activation_again(life.pool, life.clock, second, "mine@example.org", mine)
    assert (await life.view(second)).contact == ERIKA
    again = await ask_activation_again(life.pool, life.clock, second, "third@example.org", gate(b"a third key....."))
    assert again.contact
    assert again.contact.email == "third@example.org"


# --- no change of name ------------------------------------------------------------------------------------------

OTHER = msgspec.structs.replace(ERIKA, given_name="Max", email="buyer@example.org")


async def test_an_appointment_never_changes_hands(life: Life) -> None:
    """On every way on which a citizen gives a name: the step again, the draft, while paying, and after it lapsed."""
    booked = await life.hold(at("08:00"), service=MARRIAGE)
    await life.confirm(booked)
    paying = await life.hold(at("09:00"))
    await life.confirm(paying)
    lapsed = await life.hold(at("10:00"))
    await life.confirm(lapsed)
    life.later(minutes=40)
    cancelled = await life.booked("11:00", service=PASS)
    await cancel_appointment(life.pool, life.clock, cancelled)
    for access in (booked, paying, lapsed, cancelled):
        with pytest.raises(Conflict):
            await life.confirm(access, "counter", contact=OTHER)
        with pytest.raises(Conflict):
            await save_contact(life.pool, life.clock, access, OTHER)
        assert (await life.view(access)).contact == ERIKA

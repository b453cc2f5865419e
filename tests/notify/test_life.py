"""Calendars over the life of an appointment: what each recipient's program reads, in the order of the wire."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import CLERK, END, LETTER, NOW, START, a_clerk, a_letter, an_office_cancellation, at_sequence
from tests.notify.reading import calendar_of, read, text_of

from contracts.booking import CalendarEntry, ClerkEntry, Letter
from contracts.calendars import CalendarChannel

CITIZEN = "erika.mustermann@example.org"
LATER: dict[str, Any] = {"start": START + timedelta(days=1), "end": END + timedelta(days=1)}
WITHDRAWN = a_clerk(live=False, calendar=CalendarEntry(uid=CLERK.calendar.uid, sequence=1))
ANEW = a_clerk(calendar=CalendarEntry(uid="clerk-2@heinsberg.example", sequence=0), **LATER)
"""The same clerk, assigned again: another entry."""

OFFERED = an_office_cancellation(clerks=(WITHDRAWN,), rebook_until=NOW + timedelta(days=7))


def rebooked(*clerks: ClerkEntry) -> Letter:
    return msgspec.structs.replace(at_sequence(a_letter(clerks=()), 2, **LATER), clerks=clerks)


class Step(NamedTuple):
    to: str
    uid: str
    sequence: int
    method: str
    status: str


def steps(taken: Iterable[tuple[str, str, bytes]]) -> list[Step]:
    found = []
    for _, recipient, data in taken:
        calendar = calendar_of(read(data))
        event = calendar.walk("VEVENT")[0]
        uid = str(event["UID"]).partition("@")[0]
        found.append(Step(recipient, uid, int(event["SEQUENCE"]), str(calendar["METHOD"]), str(event["STATUS"])))
    return found


async def test_called_off_by_the_office_and_rebooked(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    await notify.tell("appointment.rebooking_offered", OFFERED)
    await notify.tell("appointment.moved", rebooked(WITHDRAWN, ANEW))
    assert steps(notify.mail.taken) == [
        Step(CITIZEN, "citizen-1", 0, "PUBLISH", "CONFIRMED"),
        Step(CLERK.email, "clerk-1", 0, "REQUEST", "CONFIRMED"),
        Step(CITIZEN, "citizen-1", 1, "PUBLISH", "CANCELLED"),
        Step(CLERK.email, "clerk-1", 1, "CANCEL", "CANCELLED"),
        Step(CITIZEN, "citizen-1", 2, "PUBLISH", "CONFIRMED"),
        Step(CLERK.email, "clerk-2", 0, "REQUEST", "CONFIRMED"),
    ]
    assert [kind for kind, _ in await notify.states()] == [
        "confirmation",
        "invite",
        "rebooking",
        "withdrawal",
        "changed",
        "invite",
    ]


async def test_a_life_of_changes_grows_by_one_at_a_time(notify: Notify) -> None:
    """Moved, other services, called off, chosen anew, moved again, cancelled: one entry, and its last word holds."""
    await notify.tell("appointment.confirmed", LETTER)
    await notify.tell("appointment.moved", at_sequence(LETTER, 1, version=4))
    await notify.tell("appointment.changed", at_sequence(LETTER, 2, version=5))
    offer = an_office_cancellation(clerks=(), rebook_until=NOW + timedelta(days=7))
    await notify.tell("appointment.rebooking_offered", at_sequence(offer, 3, version=6))
    for sequence, type_ in ((4, "appointment.moved"), (5, "appointment.moved")):
        letter = at_sequence(a_letter(clerks=()), sequence, version=3 + sequence)
        await notify.tell(type_, letter)  # type: ignore[arg-type]
    last = at_sequence(a_letter(clerks=()), 6, version=9, state="cancelled_by_citizen")
    await notify.tell("appointment.cancelled", last)
    own = [step for step in steps(notify.mail.taken) if step.to == CITIZEN]
    assert {step.uid for step in own} == {"citizen-1"}
    assert [step.sequence for step in own] == [0, 1, 2, 3, 4, 5, 6]
    assert [step.status for step in own] == [
        *["CONFIRMED"] * 3,
        "CANCELLED",
        *["CONFIRMED"] * 2,
        "CANCELLED",
    ]


async def test_while_the_mail_server_is_away_only_the_last_word_is_kept(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    port = notify.mail.port
    await notify.mail.stop()
    await notify.tell("appointment.rebooking_offered", OFFERED)
    await notify.tell("appointment.moved", rebooked(WITHDRAWN, ANEW))
    before = len(notify.mail.taken)
    await notify.mail.start(port)
    notify.clock.pass_by(minutes=2)
    await notify.send()
    told = sorted(steps(notify.mail.taken[before:]))
    assert told == [
        Step(CITIZEN, "citizen-1", 2, "PUBLISH", "CONFIRMED"),
        Step(CLERK.email, "clerk-1", 1, "CANCEL", "CANCELLED"),
        Step(CLERK.email, "clerk-2", 0, "REQUEST", "CONFIRMED"),
    ]


async def test_heard_all_at_once_the_present_is_told(notify: Notify) -> None:
    """Notify was away: the letter is the rebooked one for each of the three events."""
    letter = rebooked(WITHDRAWN, ANEW)
    for version, type_ in (
        (3, "appointment.confirmed"),
        (4, "appointment.rebooking_offered"),
        (5, "appointment.moved"),
    ):
        await notify.hear(type_, letter, version=version)  # type: ignore[arg-type]
    await notify.prepare()
    await notify.send()
    assert steps(notify.mail.taken) == [
        Step(CITIZEN, "citizen-1", 2, "PUBLISH", "CONFIRMED"),
        Step(CLERK.email, "clerk-2", 0, "REQUEST", "CONFIRMED"),
    ]


async def test_a_withdrawal_says_that_the_same_clerk_gets_it_again(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    await notify.tell("appointment.moved", rebooked(WITHDRAWN, ANEW))  # the offer was never heard of
    withdrawal = next(data for _, to, data in notify.mail.taken[2:] if to == CLERK.email)
    assert "wurde verlegt" in text_of(read(withdrawal))


@pytest.mark.parametrize(("channel", "method"), [("invite", ["REQUEST"]), ("digest", []), ("feed", [])])
async def test_a_clerk_with_another_address_has_the_visit_there_and_in_the_former_mailbox_no_more(
    notify: Notify, channel: CalendarChannel, method: list[str]
) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    new = a_clerk(email="k.arslan@heinsberg.example", calendar=ANEW.calendar, channel=channel)
    letter = a_letter(clerks=(WITHDRAWN, new))
    for _ in range(2):
        await notify.tell("appointment.invite_due", letter)
    told = [(to, str(calendar_of(read(data))["METHOD"])) for _, to, data in notify.mail.taken[2:]]
    assert told == [(CLERK.email, "CANCEL"), *((new.email, each) for each in method)]
    assert "bleibt bestehen" in text_of(read(notify.mail.taken[2][2]))


async def test_other_services_update_the_clerks_entry(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    longer = {"end": END + timedelta(minutes=20)}
    changed = at_sequence(a_letter(clerks=(a_clerk(**longer),)), 1, **longer)
    await notify.tell("appointment.changed", changed)
    assert [kind for kind, _ in await notify.states()] == ["confirmation", "invite", "changed", "update"]
    for _, _, data in notify.mail.taken[2:]:
        event = calendar_of(read(data)).walk("VEVENT")[0]
        assert (event.start, event.end, int(event["SEQUENCE"])) == (START, longer["end"], 1)


async def test_another_clerk_in_the_same_room_is_no_news_to_the_citizen(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    new = a_clerk(email="j.kueppers@heinsberg.example", calendar=CalendarEntry(uid="clerk-2@x", sequence=0))
    await notify.tell("appointment.reassigned", a_letter(version=4, clerks=(WITHDRAWN, new)))
    assert [to for _, to, _ in notify.mail.taken[2:]] == [CLERK.email, "j.kueppers@heinsberg.example"]


async def test_another_room_is(notify: Notify) -> None:
    """Booking then raises the citizen's SEQUENCE: the room stands in the entry."""
    await notify.tell("appointment.confirmed", a_letter(clerks=()))
    place = msgspec.structs.replace(LETTER.place, room="14")
    await notify.tell("appointment.reassigned", at_sequence(a_letter(clerks=(), place=place), 1))
    mail = read(notify.mail.taken[1][2])
    assert "Raum 14" in text_of(mail)
    assert "Raum 14" in str(calendar_of(mail).walk("VEVENT")[0]["LOCATION"])
    assert steps(notify.mail.taken)[1].sequence == 1

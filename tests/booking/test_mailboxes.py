"""A clerk's other mail address: entries of visits to come end in the former mailbox and begin in the new one."""

import msgspec
from tests.booking.conftest import SetClock
from tests.booking.sample import TENANT
from tests.booking.support.answers import a_refusal, hear
from tests.booking.support.life import Life

from booking.domain.catalogue_files import Files
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.configure import configure
from booking.usecases.follow_mailboxes import follow_mailboxes
from booking.usecases.list_reassign_tasks import list_reassign_tasks
from booking.usecases.view_appointment import Access
from booking.usecases.write_letter import Links, write_letter

LINKS = Links(public_url="https://termine.example", key="link-key-of-the-tests")
replace = msgspec.structs.replace


async def readdress(life: Life, town: Files, of: Access, email: str) -> None:
    """The clerk who has this visit now."""
    name = (await life.clerks_entries(of))[-1][0]
    counter, *others = town.offices.office
    clerks = tuple(replace(one, email=email) if one.name == name else one for one in counter.clerks)
    office = (replace(counter, clerks=clerks), *others)
    await configure(life.pool, town._replace(offices=replace(town.offices, office=office)), life.clock)


async def entries(life: Life, access: Access) -> list[tuple[str, int, bool]]:
    letter = await write_letter(life.pool, LINKS, life.clock, access.appointment_id)
    return [(clerk.email, clerk.calendar.sequence, clerk.live) for clerk in letter.clerks]


async def test_visits_to_come_follow_their_clerk(life: Life, town: Files, clock: SetClock) -> None:
    access, others = await life.booked("08:00"), await life.booked("08:00")
    ((former, _, _),) = await entries(life, access)
    before = await entries(life, others)
    await readdress(life, town, access, "new@x.example")
    assert await entries(life, access) == [(former, 0, True)], "until it was withdrawn there"
    clock.advance(minutes=1)
    assert await follow_mailboxes(life.pool, clock) == 1
    assert await entries(life, access) == [(former, 1, False), ("new@x.example", 0, True)]
    letter = await write_letter(life.pool, LINKS, clock, access.appointment_id)
    assert len({clerk.calendar.uid for clerk in letter.clerks}) == 2
    assert [(clerk.start, clerk.end) for clerk in letter.clerks] == [(letter.start, letter.end)] * 2
    assert await entries(life, others) == before
    assert (await life.events(access)).count("invite_due") == 1
    stamped = await life.pool.fetchval("SELECT payload ->> 'occurred_at' FROM outbox WHERE subject LIKE '%invite_due'")
    assert stamped == clock().isoformat().replace("+00:00", "Z")
    assert await follow_mailboxes(life.pool, clock) == 0
    await life.move(access, "09:00")
    assert (await entries(life, access))[-1] == ("new@x.example", 1, True)


async def test_what_was_and_what_is_called_off_stays_where_it_is(life: Life, town: Files, clock: SetClock) -> None:
    past, gone = await life.booked("08:00"), await life.booked("09:00")
    await cancel_appointment(life.pool, clock, gone)
    for access in (past, gone):
        await readdress(life, town, access, "new@x.example")
    clock.advance(days=2)
    assert await follow_mailboxes(life.pool, clock) == 0


async def test_the_same_address_in_other_letters_is_the_same_mailbox(life: Life, town: Files, clock: SetClock) -> None:
    access = await life.booked("08:00")
    ((former, _, _),) = await entries(life, access)
    await readdress(life, town, access, former.upper())
    assert await follow_mailboxes(life.pool, clock) == 0


async def test_a_no_from_the_former_mailbox_stays_a_task(life: Life, town: Files, clock: SetClock) -> None:
    access = await life.booked("08:00")
    await hear(life, await a_refusal(life, access))
    await readdress(life, town, access, "new@x.example")
    assert await follow_mailboxes(life.pool, clock) == 1
    (task,) = (await list_reassign_tasks(life.pool, TENANT, "open", None, clock())).entries
    assert (task.appointment_id, task.answer, task.outcome) == (access.appointment_id, "declined", None)

"""What comes back has its effect once, on real PostgreSQL."""

import random
from datetime import datetime

import asyncpg
import msgspec
import pytest
from tests.notify.conftest import KEY, Notify
from tests.notify.inbound.samples import ANSWERS, CLERK, UID, a_mail, a_report, an_answer
from tests.notify.letters import APPOINTMENT, LETTER, a_citizen, a_letter, at_sequence
from tests.support.events import list_events

from contracts.notify import ClerkDeclinedEvent, DeliveryEvent
from notify.store.inbound import list_to_file, mark_filed
from notify.usecases.take_mail import Position, Taking, take_mail


class Inbox:
    """Hands mails over one after the other, as the reader does."""

    def __init__(self, notify: Notify) -> None:
        self.notify = notify
        self.taking = Taking(notify.pool, notify.clock, KEY)
        self.uid = 0

    async def take(self, raw: bytes, uid: int | None = None, validity: int = 1) -> bool:
        self.uid = uid or self.uid + 1
        return await take_mail(self.taking, Position("box", validity, self.uid), raw)

    async def verdicts(self) -> list[tuple[str, str]]:
        rows = await self.notify.pool.fetch("SELECT verdict, reason FROM inbound_mail ORDER BY uid")
        return [(row["verdict"], row["reason"]) for row in rows]

    async def events(self) -> list[tuple[str, bytes]]:
        async with self.notify.pool.acquire() as connection:
            told = await list_events(connection)
        return [(row.subject, bytes(row.payload)) for row in told if row.subject in ANSWERS]

    async def bounced(self) -> list[DeliveryEvent]:
        found = [payload for subject, payload in await self.events() if subject == "notify.delivery.bounced"]
        return [msgspec.json.decode(payload, type=DeliveryEvent) for payload in found]

    async def declined(self) -> list[ClerkDeclinedEvent]:
        found = [payload for subject, payload in await self.events() if subject == "notify.clerk_declined"]
        return [msgspec.json.decode(payload, type=ClerkDeclinedEvent) for payload in found]


@pytest.fixture
async def inbox(notify: Notify) -> Inbox:
    """After the confirmation was told to citizen and clerk."""
    await notify.tell("appointment.confirmed", LETTER)
    return Inbox(notify)


async def test_a_failed_mail_is_bounced_and_its_address_not_reminded(inbox: Inbox) -> None:
    mail = (await inbox.notify.listed())[0]
    await inbox.take(a_report(mail.id))
    assert await inbox.notify.states() == [("confirmation", "bounced"), ("invite", "accepted")]
    (event,) = await inbox.bounced()
    assert (event.delivery_id, event.appointment_id, event.version) == (mail.id, APPOINTMENT, 2)
    assert (event.audience, event.kind, event.cause, event.address_refused) == (
        "citizen",
        "confirmation",
        "dsn_5.1.1",
        True,
    )
    assert b"erika" not in msgspec.json.encode(event)
    await inbox.notify.tell("appointment.reminder_due", LETTER)
    assert (await inbox.notify.states())[-1] == ("reminder", "suppressed")


async def test_the_next_mail_that_the_relay_takes_proves_nothing_of_the_address(inbox: Inbox) -> None:
    await inbox.take(a_report((await inbox.notify.listed())[0].id))
    await inbox.notify.tell("appointment.moved", at_sequence(LETTER, 1))
    await inbox.notify.tell("appointment.reminder_due", at_sequence(LETTER, 1))
    assert [state for kind, state in await inbox.notify.states() if kind in ("changed", "reminder")] == [
        "accepted",
        "suppressed",
    ]


async def test_a_full_mailbox_bounces_and_is_written_to_again(inbox: Inbox) -> None:
    await inbox.take(a_report((await inbox.notify.listed())[0].id, status="5.2.2"))
    await inbox.notify.tell("appointment.reminder_due", LETTER)
    assert (await inbox.notify.states())[-1] == ("reminder", "accepted")
    assert [event.address_refused for event in await inbox.bounced()] == [False]


async def test_a_relay_that_refuses_our_sender_bounces_and_the_address_is_written_to_again(inbox: Inbox) -> None:
    await inbox.take(a_report((await inbox.notify.listed())[0].id, status="5.1.8"))
    await inbox.notify.tell("appointment.reminder_due", LETTER)
    assert (await inbox.notify.states())[-1] == ("reminder", "accepted")
    assert [(event.cause, event.address_refused) for event in await inbox.bounced()] == [("dsn_5.1.8", False)]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
async def test_a_late_or_delivered_mail_changes_nothing(inbox: Inbox, action: str) -> None:
    await inbox.take(a_report((await inbox.notify.listed())[0].id, action=action))
    assert dict(await inbox.notify.states())["confirmation"] == "accepted"
    assert (await inbox.verdicts(), await inbox.events()) == ([("report", action)], [])


async def test_two_reports_of_one_mail_are_one_bounce(inbox: Inbox) -> None:
    mail = (await inbox.notify.listed())[0]
    await inbox.take(a_report(mail.id))
    await inbox.take(b"Received: from elsewhere\r\n" + a_report(mail.id))
    assert await inbox.verdicts() == [("report", "failed"), ("report", "was_bounced")]
    assert len(await inbox.bounced()) == 1


async def test_a_report_of_a_mail_that_is_not_ours_is_for_people(inbox: Inbox) -> None:
    await inbox.take(a_report())
    assert await inbox.verdicts() == [("people", "unknown_delivery")]


async def test_of_an_erased_person_a_bounce_remembers_nothing(inbox: Inbox) -> None:
    mail = (await inbox.notify.listed())[0]
    await inbox.notify.hear("appointment.erased", a_letter(version=4, citizen=a_citizen(email=None)))
    await inbox.take(a_report(mail.id))
    assert await inbox.notify.pool.fetchval("SELECT count(*) FROM suppression") == 0


@pytest.mark.parametrize(
    ("partstat", "method", "answer"),
    [("DECLINED", "REPLY", "declined"), ("DELEGATED", "REPLY", "delegated"), ("TENTATIVE", "COUNTER", "countered")],
)
async def test_a_refusal_is_told_once(inbox: Inbox, partstat: str, method: str, answer: str) -> None:
    await inbox.take(an_answer(partstat, method=method))
    await inbox.take(b"X-Again: yes\r\n" + an_answer(partstat, method=method))
    (event,) = await inbox.declined()
    assert (event.appointment_id, event.calendar_uid, event.sequence, event.answer) == (APPOINTMENT, UID, 0, answer)
    assert await inbox.verdicts() == [("answer", answer)] * 2


@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE"])
async def test_a_consent_is_written_down_quietly(inbox: Inbox, partstat: str) -> None:
    await inbox.take(an_answer(partstat))
    assert await inbox.notify.pool.fetchval("SELECT answer FROM clerk_answer") == partstat.lower()
    assert await inbox.events() == []


async def test_who_declines_after_all_is_heard(inbox: Inbox) -> None:
    await inbox.take(an_answer("ACCEPTED"))
    await inbox.take(an_answer("DECLINED", message_id="<two@outlook.example>"))
    assert len(await inbox.declined()) == 1


async def test_who_declines_again_after_somebody_decided_is_heard_again(inbox: Inbox) -> None:
    """As with the link: booking knows whether its task is still open."""
    await inbox.take(an_answer("DECLINED"))
    await inbox.take(an_answer("DECLINED", message_id="<two@outlook.example>"))
    assert len(await inbox.declined()) == 2


async def test_a_mail_that_came_by_two_ways_is_one_answer_whatever_was_said_since(inbox: Inbox) -> None:
    await inbox.take(an_answer("DECLINED"))
    await inbox.take(an_answer("ACCEPTED", message_id="<two@outlook.example>"))
    await inbox.take(b"Received: from elsewhere\r\n" + an_answer("DECLINED"))
    assert len(await inbox.declined()) == 1
    assert await inbox.notify.pool.fetchval("SELECT answer FROM clerk_answer") == "accepted"


async def test_of_mails_without_a_name_their_words_tell(inbox: Inbox) -> None:
    nameless = an_answer("DECLINED").replace(b"Message-ID", b"X-Nothing")
    await inbox.take(nameless)
    await inbox.take(b"Received: from elsewhere\r\n" + nameless)
    assert len(await inbox.declined()) == 1
    await inbox.take(nameless.replace(b"DTSTAMP:20270322T091500Z", b"DTSTAMP:20270323T091500Z"))
    assert len(await inbox.declined()) == 2


async def test_an_answer_to_an_older_revision_is_stale(inbox: Inbox) -> None:
    await inbox.notify.tell("appointment.moved", at_sequence(LETTER, 1))
    await inbox.take(an_answer())
    assert (await inbox.verdicts(), await inbox.events()) == ([("answer", "stale")], [])
    await inbox.take(an_answer(sequence="SEQUENCE:1"))
    assert [event.sequence for event in await inbox.declined()] == [1]


async def test_an_update_that_has_not_left_yet_makes_no_answer_stale(inbox: Inbox) -> None:
    await inbox.notify.hear("appointment.moved", at_sequence(LETTER, 1))
    await inbox.notify.prepare()
    await inbox.take(an_answer())
    assert [event.sequence for event in await inbox.declined()] == [0]


async def test_an_entry_that_was_withdrawn_is_declined_by_nobody(inbox: Inbox) -> None:
    await inbox.notify.tell("appointment.cancelled", at_sequence(LETTER, 1, state="cancelled_by_citizen"))
    await inbox.take(an_answer(sequence="SEQUENCE:1"))
    assert (await inbox.verdicts(), await inbox.events()) == ([("answer", "withdrawn")], [])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sender": "eve@evil.example"}, "sender_differs"),
        ({"sender": f'"{CLERK}" <eve@evil.example>'}, "sender_differs"),
        ({"sender": "eve@evil.example", "attendee": "eve@evil.example"}, "unknown_entry"),
        ({"uid": "citizen-1@heinsberg.example", "attendee": "erika.mustermann@example.org"}, "unknown_entry"),
        ({"uid": "nobody@knows"}, "unknown_entry"),
        ({"sequence": "SEQUENCE:7"}, "unknown_revision"),
    ],
)
async def test_an_answer_that_fits_no_invitation_is_for_people(
    inbox: Inbox, changes: dict[str, str], reason: str
) -> None:
    await inbox.take(an_answer(**changes))
    assert (await inbox.verdicts(), await inbox.events()) == ([("people", reason)], [])


async def test_the_rest_is_dropped_or_left_for_people(inbox: Inbox) -> None:
    await inbox.take(a_mail(Auto_Submitted="auto-replied"))
    await inbox.take(a_mail())
    assert await inbox.verdicts() == [("automatic", "auto_submitted"), ("people", "no_answer")]


async def test_no_damage_stops_the_mailbox(inbox: Inbox) -> None:
    chance = random.Random(2027)
    mail = (await inbox.notify.listed())[0]
    for number in range(60):
        damaged = bytearray(chance.choice([a_report(mail.id), an_answer(), a_mail()]))
        for _ in range(chance.randint(1, 40)):
            damaged[chance.randrange(len(damaged))] = chance.choice([0, 0x80, 0xFF, *b'\r\n";:=@<>'])
        assert await inbox.take(b"X-Number: %d\r\n" % number + bytes(damaged))
    assert len(await inbox.verdicts()) == 60


async def test_a_report_to_an_address_that_is_not_ascii_stops_no_mailbox(inbox: Inbox) -> None:
    mail = (await inbox.notify.listed())[0]
    assert await inbox.take(a_report(mail.id, to=f"b+{mail.id.hex}{'0' * 12}@müll.de"))
    assert await inbox.take(a_mail())
    assert await inbox.verdicts() == [("report", "failed"), ("people", "no_answer")]


class Breaking:
    """A clock that breaks when the effect of a mail is written down."""

    def __init__(self, inbox: Inbox, error: Exception) -> None:
        self.now, self.error, self.calls = inbox.notify.clock, error, 0

    def __call__(self) -> datetime:
        self.calls += 1
        if self.calls == 2:
            raise self.error
        return self.now()


@pytest.mark.parametrize("error", [TypeError(), asyncpg.DataError("invalid input")])
async def test_a_mail_that_breaks_half_way_has_no_effect_and_is_for_people(inbox: Inbox, error: Exception) -> None:
    mail = (await inbox.notify.listed())[0]
    inbox.taking = inbox.taking._replace(clock=Breaking(inbox, error))
    assert await inbox.take(a_report(mail.id))
    assert await inbox.take(a_mail())
    assert await inbox.verdicts() == [("people", "unreadable"), ("people", "no_answer")]
    assert dict(await inbox.notify.states())["confirmation"] == "accepted"


async def test_a_database_that_is_away_leaves_the_mail_to_the_next_look(inbox: Inbox) -> None:
    mail = (await inbox.notify.listed())[0]
    inbox.taking = inbox.taking._replace(clock=Breaking(inbox, ConnectionResetError()))
    with pytest.raises(ConnectionResetError):
        await inbox.take(a_report(mail.id), uid=1)
    assert await inbox.verdicts() == []
    assert await inbox.take(a_report(mail.id), uid=1)
    assert await inbox.verdicts() == [("report", "failed")]


async def test_a_mail_under_a_uid_that_was_taken_is_not_taken_again(inbox: Inbox) -> None:
    assert await inbox.take(an_answer(), uid=5)
    assert not await inbox.take(a_mail(), uid=5)
    assert not await inbox.take(a_mail(), uid=4)
    assert await inbox.verdicts() == [("answer", "declined")]


async def test_a_mailbox_that_was_rebuilt_brings_no_effect_twice(inbox: Inbox) -> None:
    await inbox.take(an_answer(), uid=5)
    assert await inbox.take(an_answer(), uid=1, validity=2)
    assert await inbox.verdicts() == [("answer", "again"), ("answer", "declined")]
    assert len(await inbox.declined()) == 1


async def test_of_a_mailbox_that_was_rebuilt_only_what_lies_in_it_now_is_filed(inbox: Inbox) -> None:
    await inbox.take(an_answer(), uid=1)
    await inbox.take(an_answer("ACCEPTED"), uid=1, validity=2)
    async with inbox.notify.pool.acquire() as connection:
        await mark_filed(connection, "box", 2, [1], inbox.notify.clock())
        assert [await list_to_file(connection, "box", validity) for validity in (1, 2)] == [[1], []]

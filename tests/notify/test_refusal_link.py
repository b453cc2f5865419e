"""The link "Ich kann nicht": in the invitation of a clerk and its updates, and nowhere else."""

from tests.notify.conftest import Notify
from tests.notify.letters import LETTER, a_clerk, a_letter, at_sequence
from tests.notify.reading import calendar_of, read, text_of

LINK = "https://termine.example/heinsberg/verhindert/geheim"
WITH_LINK = a_letter(clerks=(a_clerk(refuse_url=LINK),))


async def test_the_clerks_mails_carry_the_link_and_nobody_elses(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", WITH_LINK)
    await notify.tell("appointment.moved", at_sequence(WITH_LINK, 1))
    await notify.tell("appointment.cancelled", at_sequence(WITH_LINK, 2, state="cancelled_by_office"))
    told = {
        delivery.kind: (LINK in text_of(mail), LINK in text_of(mail, "html"))
        for delivery, mail in zip(await notify.listed(), [read(data) for _, _, data in notify.mail.taken], strict=True)
    }
    assert told == {
        "confirmation": (False, False),
        "invite": (True, True),
        "changed": (False, False),
        "update": (True, True),
        "cancelled": (False, False),
        "withdrawal": (False, False),
    }


async def test_a_calendar_that_others_see_holds_no_link(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", WITH_LINK)
    for _, _, data in notify.mail.taken:
        (entry,) = calendar_of(read(data)).walk("VEVENT")
        assert not [name for name, value in entry.property_items() if LINK in str(value)]


async def test_a_booking_that_knows_no_link_gets_a_mail_without(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    assert "Ich kann nicht" not in text_of(read(notify.mail.taken[1][2]))

"""What comes back by mail, through the whole system: clerks who cannot, and addresses under which there is nobody."""

import smtplib
from email.message import EmailMessage
from typing import Any

from playwright.sync_api import Browser, expect
from tests.journeys.citizen import Citizen
from tests.notify.inbound.samples import a_report
from tests.support.booker import Booker, new_address
from tests.support.desk import Desk
from tests.support.mails import CONFIRMATION, links_of, parse, text_of, wait_for
from tests.support.system import System
from tests.support.waiting import wait_until


def booked(system: System) -> tuple[dict[str, Any], str]:
    """A confirmed visit in Heinsberg, and its citizen's address."""
    booker, email = Booker(system), new_address("antwort")
    held = booker.hold("Personalausweis", late=True)
    assert booker.confirm(held, email).status_code == 200
    return booker.read(held), email


def invitation_of(system: System, number: str) -> tuple[str, EmailMessage]:
    """The mail to the clerk, by its id in the mailbox."""

    def find() -> tuple[str, EmailMessage] | None:
        for item in system.messages():
            if str(item["subject"]).startswith(f"Termin {number}"):
                return str(item["id"]), parse(system.message(item["id"]))
        return None

    found: tuple[str, EmailMessage] = wait_until(find)
    return found


def task_of(system: System, visit: dict[str, Any]) -> dict[str, Any]:
    def find() -> dict[str, Any] | None:
        tasks = Desk(system, "lead").get("/reassign-tasks")["items"]
        return next((task for task in tasks if task["appointment_id"] == visit["id"]), None)

    found: dict[str, Any] = wait_until(find, 60)
    return found


def hand_over(system: System, visit: dict[str, Any], former: str) -> str:
    """To any colleague who can; the name."""
    lanes = Desk(system, "lead").get("/lanes")["items"]
    for lane in lanes:
        if lane["clerk_id"] and lane["clerk_id"] != former:
            answer = system.http.post(
                f"{system.url('booking')}/v1/staff/appointments/{visit['id']}/reassignment",
                json={"clerk_id": lane["clerk_id"]},
                headers={
                    "Authorization": f"Bearer {system.described['staff']['lead']}",
                    "Idempotency-Key": f"{visit['id']}-{lane['clerk_id']}",
                },
            )
            if answer.status_code == 200:
                return str(answer.json()["clerk"]["display_name"])
    raise AssertionError("nobody else can")


def test_a_clerk_declines_by_mail_and_a_colleague_takes_over(system: System, browser: Browser) -> None:
    visit, _ = booked(system)
    id_, _ = invitation_of(system, visit["number"])
    with Citizen.arriving(system, browser, width=1280, height=900) as clerk:
        clerk.open(f"{system.url('mailbox')}/messages/{id_}")
        clerk.press("answer-decline")
        expect(clerk.page).to_have_url(f"{system.url('mailbox')}/")  # sent: who closes the window earlier sends nothing
    task = task_of(system, visit)
    assert (task["answer"], task["clerk"]) == ("declined", visit["clerk"]["display_name"])
    assert "clerk_refused" in Desk(system).get(f"/appointments/{visit['id']}")["flags"]
    assert hand_over(system, visit, task["clerk_id"]) != task["clerk"]
    tasks = Desk(system, "lead").get("/reassign-tasks")["items"]
    assert visit["id"] not in {each["appointment_id"] for each in tasks}


def test_a_clerk_declines_by_the_link(system: System, browser: Browser) -> None:
    visit, email = booked(system)
    _, mail = invitation_of(system, visit["number"])
    link = next(link for link in links_of(mail) if "/verhindert/" in link)
    assert "/verhindert/" not in text_of(wait_for(system, email, CONFIRMATION)[0])
    with Citizen.arriving(system, browser) as clerk:
        clerk.open(link)
        clerk.press("refuse")
        expect(clerk.find("refused")).to_be_visible()
    assert task_of(system, visit)["answer"] == "link"


def test_a_mail_that_comes_back_says_phone_instead(system: System) -> None:
    visit, email = booked(system)
    message_id = str(wait_for(system, email, CONFIRMATION)[0]["Message-ID"]).strip("<>")
    report = a_report(to="termine@schalter.example", envelope_id="", message_id=message_id)
    with smtplib.SMTP("127.0.0.1", int(system.setting("demo.mailbox", "SMTP_PORT"))) as relay:
        relay.sendmail("", ["termine@schalter.example"], report)
    wait_until(lambda: "mail_failed" in Desk(system).get(f"/appointments/{visit['id']}")["flags"], 60)

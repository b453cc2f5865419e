"""Answering an invitation, as a calendar program does it: a REPLY by mail to the organizer (RFC 5546, RFC 6047)."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from typing import Literal

from icalendar import Calendar, Event, vCalAddress

from demo.mailbox.reading import CalendarView, MailView

Answer = Literal["ACCEPTED", "DECLINED"]


def can_answer(mail: MailView) -> bool:
    return mail.calendar is not None and mail.calendar.method == "REQUEST" and len(mail.calendar.attendees) == 1


def write_answer(entry: CalendarView, answer: Answer, now: datetime) -> bytes:
    """From whom the invitation went to."""
    (attendee,) = entry.attendees
    message = EmailMessage(policy=SMTP)
    message["From"] = attendee
    message["To"] = entry.organizer
    message["Subject"] = f"{answer.capitalize()}: {entry.summary}"
    message["Date"] = now
    message["Message-ID"] = make_msgid(domain="mailbox.demo")
    message.set_content(f"{answer.capitalize()}.\n")
    reply = _reply(entry, attendee, answer, now).to_ical().decode()
    message.add_alternative(reply, subtype="calendar", params={"method": "REPLY"})
    return message.as_bytes()


def _reply(entry: CalendarView, attendee: str, answer: Answer, now: datetime) -> Calendar:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", entry.start)
    event.add("dtend", entry.end)
    event.add("summary", entry.summary)
    event.add("organizer", vCalAddress(f"mailto:{entry.organizer}"))
    who = vCalAddress(f"mailto:{attendee}")
    who.params["PARTSTAT"] = answer
    event.add("attendee", who)
    calendar = Calendar()
    calendar.add("prodid", "-//Schalter//Mailbox of the demonstration//DE")
    calendar.add("version", "2.0")
    calendar.add("method", "REPLY")
    calendar.add_component(event)
    return calendar

"""Mails as other programs send them back to us: bounces as servers write them, answers as calendars do."""

from textwrap import dedent
from uuid import UUID

from notify.domain.addresses import bounce_address

KEY = "key-of-the-notify-tests"
DELIVERY = UUID("0195e000-0000-7000-8000-0000000000d1")
CLERK = "k.oezdemir@heinsberg.example"
UID = "clerk-1@heinsberg.example"


ANSWERS = {"notify.delivery.bounced", "notify.clerk_declined"}
"""Subjects of what is told of inbound mails."""


def crlf(text: str) -> bytes:
    return dedent(text).lstrip("\n").replace("\n", "\r\n").encode()


def a_report(
    delivery_id: UUID = DELIVERY, action: str = "failed", status: str = "5.1.1", to: str | None = None, **lines: str
) -> bytes:
    """As postfix writes it."""
    to = to or bounce_address(KEY, delivery_id, "schalter.example")
    envelope_id = lines.get("envelope_id", delivery_id.hex)
    message_id = lines.get("message_id", f"{delivery_id}@schalter.example")
    said = lines.get("said", f"smtp; 550 {status} User unknown").replace("\n", "\n        ")
    return crlf(f"""
        Return-Path: <>
        From: MAILER-DAEMON@mx.example (Mail Delivery System)
        To: {to}
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="AB12.345/mx.example"

        --AB12.345/mx.example
        Content-Type: text/plain; charset=us-ascii

        I'm sorry to have to inform you that your message could not be delivered.

        --AB12.345/mx.example
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example
        Original-Envelope-Id: {envelope_id}
        Arrival-Date: Mon, 22 Mar 2027 10:00:00 +0100 (CET)

        Final-Recipient: rfc822; erika.mustermann@example.org
        Original-Recipient: rfc822;erika.mustermann@example.org
        Action: {action}
        Status: {status}
        Diagnostic-Code: {said}

        --AB12.345/mx.example
        Content-Type: text/rfc822-headers

        From: termine@schalter.example
        Message-ID: <{message_id}>
        Subject: Ihr Termin

        --AB12.345/mx.example--
        """)


_ANSWER = """\
BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:{method}
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;PARTSTAT={partstat};CN="Özdemir; Kübra":mailto:{attendee}
COMMENT;LANGUAGE=de-DE:Fortbildung\\n
UID:{uid}
SUMMARY;LANGUAGE=de-DE:Abgelehnt: Termin HS-7K2M
DTSTART;TZID=W. Europe Standard Time:20270329T100000
DTSTAMP:20270322T091500Z
{sequence}
BEGIN:VALARM
UID:alarm
ATTENDEE:mailto:somebody@else.example
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def an_answer(partstat: str = "DECLINED", **changes: str) -> bytes:
    """As Outlook writes it: times in a zone of its own, much that nobody asked for."""
    values = {
        "sender": f"Kübra Özdemir <{CLERK}>",
        "attendee": CLERK,
        "uid": UID,
        "sequence": "SEQUENCE:0",
        "method": "REPLY",
        "organizer": "ORGANIZER:mailto:termine+0195e000000070008000000000000001@schalter.example\n",
        "message_id": "",
    } | changes
    entry = _ANSWER.format(partstat=partstat, **values)
    entry = entry.replace("BEGIN:VEVENT\n", "BEGIN:VEVENT\n" + values["organizer"])
    head = f"""\
From: {values["sender"]}
To: termine@schalter.example
Subject: Abgelehnt: Termin HS-7K2M
Message-ID: {values["message_id"] or "<one@outlook.example>"}
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=-x"

--=-x
Content-Type: text/plain; charset="iso-8859-1"

Fortbildung
--=-x
Content-Type: text/calendar; charset="utf-8"; method={values["method"]}

"""
    return (head + entry + "\n--=-x--\n").replace("\n", "\r\n").encode()


def a_mail(**headers: str) -> bytes:
    """What a person writes, or a machine that says so in `headers`."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"From: Erika <erika.mustermann@example.org>\r\nTo: termine@schalter.example\r\nSubject: Frage\r\n{lines}"
        "\r\nKann ich meinen Hund mitbringen?\r\n"
    ).encode()

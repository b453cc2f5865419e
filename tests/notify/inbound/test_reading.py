"""Bytes of a stranger's making: what they are, and that nothing of them is ever raised."""

import random
from email import message_from_bytes, message_from_string
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import default
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.notify.inbound.samples import CLERK, DELIVERY, KEY, UID, a_mail, a_report, an_answer

from notify.domain.addresses import read_bounce_address
from notify.domain.inbound.found import Answer, Automatic, ForPeople, Report
from notify.domain.inbound.judging import blames_address, cause_of, delivery_of
from notify.domain.inbound.reading import BYTES_MAX, read_mail


def reported(raw: bytes) -> Report:
    found = read_mail(raw)
    assert isinstance(found, Report), found
    return found


def answered(raw: bytes) -> Answer:
    found = read_mail(raw)
    assert isinstance(found, Answer), found
    return found


@pytest.mark.parametrize("action", ["failed", "delayed", "delivered", "relayed"])
def test_a_report_says_what_became_of_which_mail(action: str) -> None:
    report = reported(a_report(action=action))
    assert (report.action, report.status, delivery_of(report, KEY)) == (action, "5.1.1", DELIVERY)


def test_the_address_goes_before_what_the_report_returns() -> None:
    other = "0195e000-0000-7000-8000-0000000000d2"
    report = reported(a_report(envelope_id=other, message_id=f"{other}@schalter.example"))
    assert delivery_of(report, KEY) == DELIVERY


def test_an_address_of_somebody_elses_making_names_nothing() -> None:
    made_up = f"b+{DELIVERY.hex}{'0' * 12}@schalter.example"
    report = reported(a_report(to=made_up, envelope_id="x", message_id="y@z"))
    assert delivery_of(report, KEY) is None


@pytest.mark.parametrize("domain", ["müll.de", "\udcff.example", "\u212a.example"])
def test_an_address_that_is_not_ascii_names_nothing(domain: str) -> None:
    made_up = f"b+{DELIVERY.hex}{'0' * 12}@{domain}"
    assert read_bounce_address(KEY, made_up) is None


@pytest.mark.parametrize("lines", [{"message_id": "lost@relay"}, {"envelope_id": ""}])
def test_a_relay_that_writes_its_own_sender_is_told_by_what_it_returns(lines: dict[str, str]) -> None:
    assert delivery_of(reported(a_report(to="termine@schalter.example", **lines)), KEY) == DELIVERY


def test_a_report_that_returns_the_whole_mail_in_parts_of_parts() -> None:
    """As Gmail and Exchange write it; neither repeats our ENVID, and the sender is rewritten on the way."""
    ours = EmailMessage()
    ours["Message-ID"] = f"<{DELIVERY}@schalter.example>"
    ours.set_content("Ihr Termin")
    report = MIMEMultipart("report", **{"report-type": "delivery-status"})
    words = MIMEMultipart("related")
    words.attach(MIMEText("<p>Address not found</p>", "html"))
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    lines = ("Reporting-MTA: dns; x", "", "Final-Recipient: rfc822; a@b.example", "Action: FAILED (user unknown)")
    status.set_payload([message_from_string("\n".join(lines[:1])), message_from_string("\n".join(lines[2:]))])
    for part in (words, status, MIMEMessage(ours)):
        report.attach(part)
    found = reported(report.as_bytes())
    assert (found.action, found.status, delivery_of(found, KEY)) == ("failed", None, DELIVERY)


def test_of_several_recipients_the_worst_counts() -> None:
    delivered = b"Final-Recipient: rfc822; b@x.example\r\nAction: relayed\r\nStatus: 2.0.0\r\n\r\n"
    raw = a_report().replace(b"Final-Recipient", delivered + b"Final-Recipient", 1)
    assert (reported(raw).action, reported(raw).status) == ("failed", "5.1.1")


@pytest.mark.parametrize(
    ("status", "blamed"),
    [("5.1.1", True), ("5.4.4", True), ("5.2.2", False), ("5.7.26", False), ("4.4.7", False), ("odd", False)],
)
def test_an_address_is_blamed_for_what_lies_in_it(status: str, *, blamed: bool) -> None:
    assert blames_address(reported(a_report(status=status))) is blamed


@pytest.mark.parametrize(
    ("status", "said", "blamed"),
    [
        ("5.1.7", "smtp; 550 5.1.7 Invalid address", False),
        ("5.1.8", "smtp; 550 5.1.8 <b+1@x.example>: Sender address rejected: Domain not found", False),
        ("5.0.0", "smtp; 550 Sender verify failed", False),
        ("5.0.0", "SMTP;550-relay not permitted,\n\t550 go away", False),
        ("5.0.0", "smtp; 554 5.7.1 Denied by policy", False),
        ("", "smtp; 550 5.1.8 Sender address rejected", False),
        ("5.0.0", "smtp; 550 5.1.1 <x@relay.example>: unknown", True),
        ("5.0.0", "smtp; 550 <x@relay.example>: unknown on sender.example", True),
        ("5.1.1", "smtp; 550 relay: User unknown", True),
        ("5.1.1", "x-unix; unknown user", True),
        ("5.0.0", f"smtp; 550 {'x' * 250_000}", True),
    ],
)
def test_who_refuses_our_sender_blames_no_address(status: str, said: str, *, blamed: bool) -> None:
    assert blames_address(reported(a_report(status=status, said=said))) is blamed


def test_a_report_that_says_nothing_is_told_by_what_the_server_said() -> None:
    assert cause_of(reported(a_report(status="5.0.0", said="smtp; 554 5.7.1 Denied"))) == "dsn_5.7.1"
    assert cause_of(reported(a_report(status="5.1.1", said="smtp; 554 5.7.1 Denied"))) == "dsn_5.1.1"


@pytest.mark.parametrize(
    ("partstat", "kind"),
    [("ACCEPTED", "accepted"), ("TENTATIVE", "tentative"), ("DECLINED", "declined"), ("DELEGATED", "delegated")],
)
def test_an_answer_names_entry_revision_and_who_answers(partstat: str, kind: str) -> None:
    answer = answered(an_answer(partstat, sequence="SEQUENCE:3"))
    assert (answer.kind, answer.uid, answer.sequence) == (kind, UID, 3)
    assert (answer.attendee, answer.sender) == (CLERK, CLERK)


def test_a_proposal_of_another_time_is_a_counter_whatever_the_partstat() -> None:
    assert answered(an_answer("TENTATIVE", method="COUNTER")).kind == "countered"


def test_an_answer_needs_no_organizer_and_no_sequence() -> None:
    assert answered(an_answer(organizer="", sequence="X-NOTHING:1")).sequence == 0


def test_an_answer_written_by_a_machine_is_an_answer() -> None:
    assert answered(b"Auto-Submitted: auto-generated\r\n" + an_answer()).kind == "declined"


@pytest.mark.parametrize("charset", ["latin-1", "cp1252"])
def test_a_wrong_charset_spoils_no_answer(charset: str) -> None:
    assert answered(an_answer().decode().encode(charset)).attendee == CLERK


@pytest.mark.parametrize("name", [b"<\xff@x>", b"=?utf-8?b?////?=", b"<" + b"x" * 100_000 + b">"])
def test_an_odd_name_of_a_mail_spoils_no_answer(name: bytes) -> None:
    raw = an_answer().replace(b"<one@outlook.example>", name)
    assert answered(raw).mail == answered(b"Received: x\r\n" + raw).mail != answered(an_answer()).mail


def test_two_senders_are_none() -> None:
    assert answered(an_answer(sender=f"{CLERK}, eve@evil.example")).sender is None


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH", ""])
def test_an_entry_of_another_method_is_no_answer(method: str) -> None:
    assert read_mail(an_answer(method=method)) == ForPeople("no_answer")


@pytest.mark.parametrize(
    "sequence",
    ["SEQUENCE:-1", "SEQUENCE:٣", "SEQUENCE:9999999999", f"SEQUENCE:{'0' * 20}{'9' * 20}", "SEQUENCE:one"],
)
def test_a_sequence_that_is_none_makes_no_answer(sequence: str) -> None:
    assert read_mail(an_answer(sequence=sequence)) == ForPeople("no_answer")


@pytest.mark.parametrize(
    "changes", [{"uid": "a\x00b"}, {"uid": "x" * 301}, {"attendee": "k\x00@x.example"}, {"attendee": "nobody"}]
)
def test_what_no_table_would_take_makes_no_answer(changes: dict[str, str]) -> None:
    assert read_mail(an_answer(**changes)) == ForPeople("no_answer")


def test_what_somebody_forwards_was_not_said_to_us() -> None:
    outer = EmailMessage()
    outer["From"] = CLERK
    outer.set_content("Zur Kenntnis")
    outer.add_attachment(cast("EmailMessage", message_from_bytes(an_answer(), policy=default)))
    raw = outer.as_bytes()
    assert b"message/rfc822" in raw
    assert b"METHOD:REPLY" in raw
    assert read_mail(raw) == ForPeople("no_answer")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto-Submitted": "auto-replied"}, "auto_submitted"),
        ({"Auto-Submitted": "Auto-Generated; owner=x"}, "auto_submitted"),
        ({"X-Auto-Response-Suppress": "All"}, "auto_response_suppress"),
        ({"Precedence": "bulk"}, "precedence"),
        ({"Precedence": "auto_reply"}, "precedence"),
        ({"Return-Path": "<>"}, "empty_sender"),
        ({"Content-Type": "multipart/report; report-type=disposition-notification; boundary=x"}, "read_receipt"),
    ],
)
def test_what_a_machine_wrote_is_dropped(headers: dict[str, str], reason: str) -> None:
    assert read_mail(a_mail(**headers)) == Automatic(reason)


@pytest.mark.parametrize("headers", [{}, {"Auto-Submitted": "no"}, {"Auto-Submitted": "no (really)"}])
def test_what_a_person_writes_is_for_people(headers: dict[str, str]) -> None:
    assert read_mail(a_mail(**headers)) == ForPeople("no_answer")


def nested(depth: int, closing: str = "") -> bytes:
    head = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(depth))
    return (head + closing).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"\x00" * 1000,
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n\xff",
        b"Content-Type: text/calendar; charset=no-such-thing\r\n\r\nBEGIN:VCALENDAR\r\nATTENDEE;=:;;;\r\n",
        b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
        b"From: =?utf-8?b?////?= <x\r\nContent-Type: multipart/mixed; boundary*0*=utf-8''%\r\n\r\n",
        nested(90),
        nested(20_000),
        b"X: " + b"y" * 3_000_000,
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n.\r\n" * 1_000,
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n.\r\n" * 50_000,
    ],
)
def test_broken_deep_and_huge_mails_are_for_people(raw: bytes) -> None:
    assert isinstance(read_mail(raw), ForPeople)


def test_a_long_attachment_behind_a_report_hides_nothing() -> None:
    raw = a_report() + b"x" * 2 * BYTES_MAX
    assert reported(raw).action == "failed"


A_REPORT_TO_NOBODY = a_report(to=f"b+{DELIVERY.hex}{'0' * 12}@müll.de")


@given(st.randoms(use_true_random=False), st.sampled_from([a_report(), A_REPORT_TO_NOBODY, an_answer(), a_mail()]))
def test_no_damage_is_ever_raised(chance: random.Random, raw: bytes) -> None:
    damaged = bytearray(raw)
    for _ in range(chance.randint(1, 30)):
        place = chance.randrange(len(damaged))
        damaged[place : place + chance.randint(0, 5)] = chance.randbytes(chance.randint(0, 5))
    found = read_mail(bytes(damaged))
    assert isinstance(found, Report | Answer | Automatic | ForPeople)
    if isinstance(found, Report):
        delivery_of(found, KEY)

"""What of an inbound mail holds, given what we sent. Pure: who asks brings what is known."""

from typing import Literal
from uuid import UUID

import msgspec

from notify.domain.addresses import read_bounce_address
from notify.domain.inbound.found import Answer, Report
from notify.domain.kinds import Method
from notify.domain.refusal import blames_us
from notify.domain.telling import Fingerprint

Verdict = Literal["report", "answer", "automatic", "people"]
"""Under which a mail is written down. All but `people` leave the mailbox's inbox."""


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """The newest revision of a clerk's calendar entry that went to this address."""

    tenant: str
    appointment_id: UUID
    sequence: int
    method: Method
    """CANCEL: it was taken out of the calendar."""


class Judgement(msgspec.Struct, frozen=True):
    """How the mail is written down; `holds`: and it has its effect."""

    verdict: Verdict
    reason: str
    holds: bool = False


def delivery_of(report: Report, key: str) -> UUID | None:
    """The mail it is about: by the address it came to, which only we can make; else by what it returns of ours.

    A delivery's id is known to nobody but those who had the mail in hand.
    """
    for address in report.came_to:
        id_ = read_bounce_address(key, address)
        if id_:
            return id_
    for text in (report.envelope_id, (report.message_id or "").partition("@")[0]):
        try:
            return UUID(text or "")
        except ValueError:
            continue
    return None


_NOT_THE_ADDRESS = ("5.2.2", "5.2.3", "5.3.", "5.6.", "5.7.")
"""The mailbox is full, the mail too long, the system out of order, the content or the sender not wanted."""


def blames_address(report: Report) -> bool:
    """There is nobody under it, as far as the other side says: it is not worth writing there again."""
    if report.status is None or not report.status.startswith("5.") or report.status.startswith(_NOT_THE_ADDRESS):
        return False
    return not blames_us(f"{report.status} {report.said}")


def cause_of(report: Report) -> str:
    return f"dsn_{report.status}" if report.status else "dsn"


def judge_answer(answer: Answer, invited: Invited | None, fingerprint: Fingerprint) -> Judgement:
    """Who is not invited under this address, or writes from another one, is a matter for people."""
    if invited is None:
        return Judgement("people", "unknown_entry")
    if answer.sender is None or fingerprint(answer.sender) != fingerprint(answer.attendee):
        return Judgement("people", "sender_differs")
    if invited.method == "CANCEL":
        return Judgement("answer", "withdrawn")
    if answer.sequence < invited.sequence:
        return Judgement("answer", "stale")
    if answer.sequence > invited.sequence:
        return Judgement("people", "unknown_revision")
    return Judgement("answer", answer.kind, holds=True)

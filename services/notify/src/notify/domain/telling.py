"""What of an event is still worth saying, given the letter: the event is the past, the letter is the present."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from contracts.booking import AppointmentEventType, CalendarEntry, ClerkEntry, Letter, ReassignTask
from contracts.money import Money
from contracts.tenant import TenantProfile
from notify.domain.kinds import (
    CANCELLED,
    CITIZEN_MAIL,
    CLERK_MAIL,
    DEPUTY_MAIL,
    RULES,
    STANDING,
    Audience,
    Kind,
    Method,
    deadline_of,
    is_true,
)

Fingerprint = Callable[[str], str]
"""A mail address as a keyed hash: the same address, the same text."""


class LetterUnfit(Exception):
    """The letter cannot yet tell what the event says: it is older, or lacks what the mail is for. Ask again later."""


class Fact(msgspec.Struct, frozen=True):
    """The event, as far as the decision needs it."""

    id: UUID
    type: AppointmentEventType
    version: int


class Told(msgspec.Struct, frozen=True):
    """An invitation that exists for a clerk, sent or about to be; or an offer of another time that the citizen got."""

    calendar_uid: str
    calendar_sequence: int
    recipient_hash: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to be written. `calendar` is the revision it is about, `method` that of its calendar part, if any."""

    audience: Audience
    kind: Kind
    email: str
    language: str
    subject_key: str
    """What it is about: two messages of the same key, kind and recipient are one."""
    method: Method | None = None
    calendar: CalendarEntry | None = None
    clerk: ClerkEntry | None = None


class Occasion(msgspec.Struct, frozen=True):
    """All that goes into one mail about an appointment."""

    message: Message
    letter: Letter
    tenant: TenantProfile
    former_start: datetime | None = None
    """The time by which the citizen still goes, where that changes."""

    @property
    def time_zone(self) -> str:
        return self.letter.time_zone

    @property
    def deadline(self) -> datetime | None:
        return deadline_of(self.message.kind, self.letter)


def decide(
    fact: Fact, letter: Letter, told: Sequence[Told], fingerprint: Fingerprint, clerk_language: str
) -> tuple[Message, ...]:
    """Raises LetterUnfit."""
    if letter.version < fact.version:
        raise LetterUnfit(f"The letter has version {letter.version}, the event {fact.version}.")
    return (
        *_for_citizen(fact, letter, told, fingerprint),
        *_for_clerks(fact, letter, told, fingerprint, clerk_language),
        *_for_deputy(fact, letter, clerk_language),
    )


def _for_citizen(fact: Fact, letter: Letter, told: Sequence[Told], fingerprint: Fingerprint) -> tuple[Message, ...]:
    kind = CITIZEN_MAIL.get(fact.type)
    email = letter.citizen.email
    if kind is None or email is None or not _worth_saying(kind, letter):
        return ()
    calendar = letter.citizen.calendar
    if kind == "cancelled" and Told(calendar.uid, calendar.sequence, fingerprint(email)) in told:
        kind = "declined"
    rule = RULES[kind]
    return (
        Message(
            audience="citizen",
            kind=kind,
            email=email,
            language=letter.citizen.language,
            subject_key=_citizen_key(kind, fact, letter),
            method=rule.method,
            calendar=calendar if rule.method or rule.of_revision else None,
        ),
    )


def _worth_saying(kind: Kind, letter: Letter) -> bool:
    if not is_true(kind, letter.state):
        return False
    match kind:
        case "activation" if letter.activation_url is None:
            raise LetterUnfit("An activation without a link.")
        case "cancelled":
            return letter.state in CANCELLED
        case "rebooking":
            return letter.rebook_until is not None
        case "earlier":
            return letter.earlier is not None
        case "unfinished":
            return letter.continue_url is not None
        case "lapsed" | "checking":
            return _reached_checkout(letter) and not _is_sum(letter.payment.paid)
        case "receipt" if not _is_sum(letter.payment.paid):
            raise LetterUnfit("A receipt without a sum.")
        case "refund" if not _is_sum(letter.payment.refunded):
            raise LetterUnfit("A refund without a sum.")
    return True


def _reached_checkout(letter: Letter) -> bool:
    """Who did not has nothing to be calmed about; and may be somebody whose address was never proved."""
    return letter.payment.mode == "online" and letter.payment.state is not None


def _is_sum(money: Money | None) -> bool:
    return money is not None and money.amount_cents > 0


def _citizen_key(kind: Kind, fact: Fact, letter: Letter) -> str:
    """Confirmation and change of one revision of the calendar entry say the same: whoever comes second is silent.

    So is an offer heard of twice, and a second request to confirm an address while the letter is the same.
    """
    calendar = letter.citizen.calendar
    match kind:
        case "confirmation" | "changed":
            return f"calendar:{calendar.uid}:{calendar.sequence}:stands"
        case "cancelled" | "declined":
            return f"calendar:{calendar.uid}:{calendar.sequence}:cancelled"
        case "rebooking" | "reminder":
            return f"calendar:{calendar.uid}:{calendar.sequence}:{kind}"
        case "earlier" if letter.earlier:
            return f"appointment:{letter.appointment_id}:{letter.earlier.expires_at.isoformat()}:{kind}"
        case "activation":
            return f"appointment:{letter.appointment_id}:{letter.version}:{kind}"
        case "link":
            return f"event:{fact.id}:{fact.version}:{kind}"
        case _:
            return f"appointment:{letter.appointment_id}:{fact.version}:{kind}"


def _for_clerks(
    fact: Fact, letter: Letter, told: Sequence[Told], fingerprint: Fingerprint, language: str
) -> tuple[Message, ...]:
    if fact.type not in CLERK_MAIL:
        return ()
    invited = {(entry.calendar_uid, entry.recipient_hash) for entry in told}
    found = [
        _clerk_message(letter, clerk, language, was_invited=(clerk.calendar.uid, fingerprint(clerk.email)) in invited)
        for clerk in sorted(letter.clerks, key=lambda clerk: clerk.live)  # the former clerk hears first
    ]
    return tuple(message for message in found if message)


def _clerk_message(letter: Letter, clerk: ClerkEntry, language: str, *, was_invited: bool) -> Message | None:
    stands = clerk.live and letter.state in STANDING
    if not stands and (not was_invited or _is_over(letter)):
        return None
    if not was_invited and clerk.channel != "invite":
        return None  # the digest or the feed tells it
    kind: Literal["invite", "update", "withdrawal"]
    kind = "withdrawal" if not stands else "update" if was_invited else "invite"
    method = RULES[kind].method
    return Message(
        audience="clerk",
        kind=kind,
        email=clerk.email,
        language=language,
        subject_key=f"calendar:{clerk.calendar.uid}:{clerk.calendar.sequence}:{method}",
        method=method,
        calendar=clerk.calendar,
        clerk=clerk,
    )


def _is_over(letter: Letter) -> bool:
    """A visit that took place, or to which nobody came, stays in the calendar."""
    return letter.state in {"completed", "no_show"}


def _for_deputy(fact: Fact, letter: Letter, language: str) -> tuple[Message, ...]:
    task = letter.reassign_task
    if fact.type != DEPUTY_MAIL or task is None or not is_true("reassign", letter.state):
        return ()
    return (
        Message(audience="clerk", kind="reassign", email=task.email, language=language, subject_key=reassign_key(task)),
    )


def reassign_key(task: ReassignTask) -> str:
    """A task that is opened again is told again."""
    return f"reassign:{task.id}:{task.asked_at.isoformat()}"

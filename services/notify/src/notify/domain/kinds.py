"""Which event causes which mails, to whom, and until when each is worth sending."""

from datetime import datetime
from typing import Literal, NamedTuple

from contracts.booking import AppointmentEventType, AppointmentState, Letter

Audience = Literal["citizen", "clerk"]
Kind = Literal[
    "activation",
    "confirmation",
    "changed",
    "cancelled",
    "rebooking",
    "declined",
    "earlier",
    "reminder",
    "unfinished",
    "checking",
    "lapsed",
    "receipt",
    "refund",
    "refund_delayed",
    "link",
    "invitation",
    "invite",
    "update",
    "withdrawal",
    "digest",
    "reassign",
]
Method = Literal["PUBLISH", "REQUEST", "CANCEL"]

CITIZEN_MAIL: dict[AppointmentEventType, Kind] = {
    "appointment.activation_requested": "activation",
    "appointment.confirmed": "confirmation",
    "appointment.moved": "changed",
    "appointment.changed": "changed",
    "appointment.reassigned": "changed",  # silent unless the citizen's SEQUENCE grew: another room
    "appointment.cancelled": "cancelled",
    "appointment.rebooking_offered": "rebooking",
    "appointment.earlier_offered": "earlier",
    "appointment.reminder_due": "reminder",
    "appointment.payment_unfinished": "unfinished",
    "appointment.payment_checking": "checking",
    "appointment.expired": "lapsed",
    "appointment.paid": "receipt",
    "appointment.refunded": "refund",
    "appointment.refund_delayed": "refund_delayed",
    "appointment.link_requested": "link",
}

CLERK_MAIL: frozenset[AppointmentEventType] = frozenset(
    {
        "appointment.confirmed",
        "appointment.moved",
        "appointment.changed",
        "appointment.reassigned",
        "appointment.cancelled",
        "appointment.rebooking_offered",
        "appointment.invite_due",
    }
)
"""After these the clerks' calendars are brought up to the letter: invite, update or withdrawal, as each needs."""

DEPUTY_MAIL: AppointmentEventType = "appointment.reassign_task"
"""After it the deputy is told of a visit to which its clerk said no, while nobody has seen to it."""

TASK_MAY_END: frozenset[AppointmentEventType] = frozenset(
    {DEPUTY_MAIL, "appointment.reassigned", "appointment.moved", "appointment.changed"}
)
"""After these a mail to the deputy that waits may be needless; once the visit is over or called off it is untrue."""

TOLD_EVENTS = frozenset(CITIZEN_MAIL) | CLERK_MAIL | {DEPUTY_MAIL}

STANDING: frozenset[AppointmentState] = frozenset({"confirmed", "checked_in", "in_service"})
CANCELLED: frozenset[AppointmentState] = frozenset({"cancelled_by_citizen", "cancelled_by_office"})


class Rule(NamedTuple):
    true_in: frozenset[AppointmentState] | None
    """States of the appointment in which the mail is still true; None: always said (cancellations, receipts)."""
    until: Literal["start", "reservation", "rebooking", "earlier"] | None = None
    quiet: bool = False
    """Held back at night."""
    dispensable: bool = False
    """Not sent to an address that was refused. A digest goes: often no other mail would show the address well."""
    method: Method | None = None
    """METHOD of its calendar part."""
    of_revision: bool = False
    """Has no calendar part, but is about one revision of the citizen's entry: the next one makes it untrue."""


RULES: dict[Kind, Rule] = {
    "activation": Rule(frozenset({"awaiting_email"}), until="reservation"),
    "confirmation": Rule(STANDING, until="start", method="PUBLISH"),
    "changed": Rule(STANDING, until="start", method="PUBLISH"),
    "cancelled": Rule(None, method="PUBLISH"),
    "rebooking": Rule(frozenset({"cancelled_by_office"}), until="rebooking", method="PUBLISH"),
    "declined": Rule(None, method="PUBLISH"),
    "earlier": Rule(frozenset({"confirmed"}), until="earlier", quiet=True, dispensable=True, of_revision=True),
    "reminder": Rule(frozenset({"confirmed"}), until="start", quiet=True, dispensable=True, method="PUBLISH"),
    "unfinished": Rule(frozenset({"awaiting_payment"}), until="reservation"),
    "checking": Rule(CANCELLED | {"held", "awaiting_payment", "expired", "confirmed"}),
    "lapsed": Rule(frozenset({"expired"})),
    "receipt": Rule(None),
    "refund": Rule(None),
    "refund_delayed": Rule(None),
    "link": Rule(None),
    "invitation": Rule(None),
    "invite": Rule(STANDING, until="start", method="REQUEST"),
    "update": Rule(STANDING, until="start", method="REQUEST"),
    "withdrawal": Rule(None, method="CANCEL"),
    "digest": Rule(None, quiet=True),
    "reassign": Rule(frozenset({"confirmed", "checked_in"}), until="start"),
}


CITIZEN_START: tuple[Kind, ...] = ("confirmation", "changed", "reminder")
"""The citizen's mails by which the visit stands at a time."""


def is_true(kind: Kind, state: AppointmentState | None) -> bool:
    """`state` None: it is about no appointment."""
    true_in = RULES[kind].true_in
    return true_in is None or state in true_in


def deadline_of(kind: Kind, letter: Letter) -> datetime | None:
    match RULES[kind].until:
        case "start":
            return letter.start
        case "reservation":
            return letter.expires_at
        case "rebooking":
            return letter.rebook_until
        case "earlier":
            return letter.earlier.expires_at if letter.earlier else None
        case None:
            return None

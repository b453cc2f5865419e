"""What booking tells the others: events about appointments (ids only), and the letter that notify asks for.

Events travel on the stream `BOOKING`, subject `booking.<type>`, at least once and in any order: each carries the
appointment's id and version. They carry no person; who needs a name asks for the letter when it needs it.
"""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from contracts.money import Money

STREAM = "BOOKING"
SUBJECT_PREFIX = "booking."

AppointmentState = Literal[
    "held",
    "awaiting_email",
    "awaiting_payment",
    "confirmed",
    "checked_in",
    "in_service",
    "completed",
    "no_show",
    "expired",
    "cancelled_by_citizen",
    "cancelled_by_office",
]

AppointmentEventType = Literal[
    "appointment.held",
    "appointment.activation_requested",  # a guest's address is to be confirmed by a link: `Letter.activation_url`
    "appointment.awaiting_payment",
    "appointment.payment_unfinished",  # the citizen left the checkout: a mail to go on is due
    "appointment.payment_checking",  # the payment is under review: tell the citizen
    "appointment.confirmed",
    "appointment.moved",
    "appointment.changed",  # other services or quantities, perhaps another end; same start
    "appointment.reassigned",  # another clerk, same time; the citizen's SEQUENCE grows if the room is another one
    "appointment.cancelled",
    "appointment.rebooking_offered",  # the office cannot keep it: cancelled_by_office, and `Letter.rebook_until` is set
    "appointment.earlier_offered",  # an earlier time is held for this citizen: `Letter.earlier`
    "appointment.checked_in",
    "appointment.called",
    "appointment.completed",
    "appointment.missed",
    "appointment.expired",  # the reservation lapsed; nothing was charged
    "appointment.paid",  # captured: the receipt is due
    "appointment.refunded",
    "appointment.refund_delayed",  # the provider could not give it back: the treasury transfers it by hand
    "appointment.link_requested",  # "Termin wiederfinden": a new manage link is due
    "appointment.reminder_due",
    "appointment.invite_due",  # its clerk wants invitations, or has another mailbox, and may have none of this one
    "appointment.reassign_task",  # its clerk cannot come, or comes after all: `Letter.reassign_task`
    "appointment.erased",  # the person is forgotten: whoever keeps something of them deletes it now
]


class AppointmentEvent(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    """The event's id; also its `Nats-Msg-Id`."""
    type: AppointmentEventType
    tenant: str
    appointment_id: UUID
    version: int
    """The appointment's version after the change; grows by one with each change."""
    state: AppointmentState
    occurred_at: datetime


WebhookType = Literal["appointment.confirmed", "appointment.moved", "appointment.cancelled", "appointment.completed"]


class AppointmentWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """Body of an outgoing webhook, signed in `Schalter-Signature`. At least once and in any order: `version` says
    which is newer.
    """

    id: UUID
    """The event's id; the same in each repetition."""
    type: WebhookType
    tenant: str
    appointment_id: UUID
    version: int
    state: AppointmentState
    start: datetime
    end: datetime
    occurred_at: datetime


class InvitationEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Staff invited somebody to book a certain service. Subject `booking.invitation.sent`; made once, so no version."""

    id: UUID
    type: Literal["invitation.sent"] = "invitation.sent"
    tenant: str
    invitation_id: UUID
    occurred_at: datetime


class InvitationLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What the invitation's mail says: `GET /internal/v1/invitations/{id}/letter`, service token. 404 once it is used,
    withdrawn, past its time or erased.
    """

    invitation_id: UUID
    tenant: str
    unit: str
    items: tuple["LetterItem", ...]
    note: str
    """In the office's own words, plain text; may be empty."""
    email: str
    language: str
    url: str
    """Holds a token that works once: a secret, for this mail alone."""
    expires_at: datetime


class CalendarEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The identity of one calendar entry (RFC 5545 UID and SEQUENCE), owned by booking."""

    uid: str
    sequence: int


class ClerkEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One assignment of a clerk. A former clerk's entry stays, with `live` false and its last start and end."""

    clerk_id: UUID
    display_name: str
    email: str
    """Of the mailbox that has this entry. When the clerk gets another one, the entry ends and another begins there."""
    calendar: CalendarEntry
    start: datetime
    end: datetime
    live: bool
    channel: Literal["invite", "digest", "feed"] = "invite"
    """What the clerk chose. Who was invited hears of that visit by invitation to its end, whatever is chosen later."""
    refuse_url: str | None = None
    """Where this clerk says "I cannot": for the clerk's own mail alone. None once the entry is not live."""


class LetterItem(msgspec.Struct, frozen=True, kw_only=True):
    service: str
    """Its name in the language of the letter's person."""
    names: dict[str, str] = {}
    """Its names by language, since a clerk may read another one; German always."""
    quantity: int
    documents: tuple[str, ...] = ()


class LetterPlace(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    street: str
    postcode: str
    city: str
    room: str | None = None


class EarlierTime(msgspec.Struct, frozen=True, kw_only=True):
    """A freed slot, held for the citizen until `expires_at`; taken on the page of `Letter.manage_url`."""

    start: datetime
    end: datetime
    expires_at: datetime


class ReassignTask(msgspec.Struct, frozen=True, kw_only=True):
    """The visit's clerk cannot come, and nobody has seen to it yet."""

    id: UUID
    clerk: str
    """Who said no."""
    owner: str
    """The deputy, who is to find somebody else."""
    email: str
    """The deputy's."""
    due_at: datetime
    asked_at: datetime
    """A later no opens the same task again."""


class LetterCitizen(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    email: str | None
    phone: str | None
    language: str
    """ISO 639-1; the language in which the citizen booked."""
    calendar: CalendarEntry


class LetterPayment(msgspec.Struct, frozen=True, kw_only=True):
    mode: Literal["none", "counter", "online", "after_decision"]
    """How the fee is paid. `none` with a fee of null: free. `counter` with a fee of null: on request."""
    state: str | None = None
    """The online payment's state as payment names it; null when there is none."""
    treasury_reference: str | None = None
    """Kassenzeichen."""
    paid: Money | None = None
    refunded: Money | None = None
    due_at_counter: Money | None = None
    """The whole fee, or what an online payment left of it."""
    status_url: str | None = None
    """Where the citizen sees what became of the online payment, and its receipt. Holds a secret."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """All that a mail about an appointment says: `GET /internal/v1/appointments/{id}/letter`, service token.

    It tells the present, not the past: a reader that wanted version 3 and sees version 5 decides what is still worth
    saying. Once the person's data is deleted: 404; or, where a clerk is still to hear that the visit is cancelled, a
    letter without the person (no name, no address, no link).
    """

    appointment_id: UUID
    number: str
    tenant: str
    version: int
    state: AppointmentState
    start: datetime
    end: datetime
    time_zone: str
    channel: Literal["on_site", "phone", "video"]
    unit: str
    place: LetterPlace
    items: tuple[LetterItem, ...]
    fee: Money | None
    payment: LetterPayment
    citizen: LetterCitizen
    clerks: tuple[ClerkEntry, ...]
    manage_url: str
    """Holds the access token: a secret, for the citizen's mail alone."""
    continue_url: str | None = None
    """Where an unfinished payment goes on, by booking's own door; also a secret."""
    expires_at: datetime | None = None
    """Until when the citizen can go on: confirm the address, or pay (which ends before the reservation does)."""
    activation_url: str | None = None
    """Only while it awaits the confirmation of the mail address; also a secret."""
    video_url: str | None = None
    """Where a visit by video takes place."""
    office_note: str = ""
    """Why the office cancelled or moved it, in words for the citizen; plain text."""
    rebook_until: datetime | None = None
    """Cancelled by the office, but a new time can still be chosen by `manage_url`, with number and payment kept."""
    earlier: EarlierTime | None = None
    reassign_task: ReassignTask | None = None
    """Open, and a deputy's: nobody knows an address of the leads, who see the others in their list."""


LETTERS_MAX: Final = 32
"""So many are asked for at once."""


class Letters(msgspec.Struct, frozen=True):
    """Each of what was asked for stands in one of the two."""

    items: tuple[Letter, ...]
    gone: tuple[UUID, ...] = ()
    """Appointments of which nobody is to be told any more."""

"""The life of an appointment: its states, who moves them, what comes next. Pure.

A decision is made of an appointment as it stands and says how it stands afterwards; applying it (compare-and-set on
`version`, audit, event, commands, slot) is `usecases/record.py`, the same way for all of them.

`TRANSITIONS` is the whole truth: `decide` refuses what is not in it, and the README's diagram is drawn from it.
"""

from datetime import datetime
from typing import Literal, NamedTuple, get_args
from uuid import UUID

import msgspec

from booking.domain.errors import Conflict
from contracts.booking import AppointmentEventType, AppointmentState
from contracts.payment import PaymentState

PaymentPolicy = Literal["none", "online_required", "online_optional", "counter", "after_decision"]
PaymentMode = Literal["none", "counter", "online", "after_decision"]
RefundReason = Literal["cancelled_by_office", "cancelled_in_time", "duplicate", "late", "reduced"]

Action = Literal[
    "hold",
    "extend",
    "ask_email",
    "activate",
    "go_to_checkout",
    "await_payment",
    "tell_unfinished",
    "authorise",
    "confirm",
    "expire",
    "move",
    "change_items",
    "reassign",
    "cancel",
    "cancel_by_office",
    "offer_rebooking",
    "rebook",
    "decline_rebooking",
    "offer_earlier",
    "check_in",
    "call",
    "complete",
    "miss",
    "pay_at_counter",
    "settle",
    "remind",
    "send_link",
    "note_mail_failure",
    "note_refusal",
    "erase",
]
Actor = Literal["citizen", "staff", "payment", "notify", "clock"]


class Transition(NamedTuple):
    source: AppointmentState | None
    action: Action
    target: AppointmentState
    actors: tuple[Actor, ...]
    """Who may do it; the first is who does it where the decision says nothing else."""


CITIZEN: tuple[Actor, ...] = ("citizen",)
STAFF: tuple[Actor, ...] = ("staff",)
CLOCK: tuple[Actor, ...] = ("clock",)
PAYMENT: tuple[Actor, ...] = ("payment",)
CITIZEN_OR_STAFF: tuple[Actor, ...] = ("citizen", "staff")

TRANSITIONS = (
    Transition(None, "hold", "held", ("citizen", "staff", "clock")),  # the clock: for the waitlist
    Transition("held", "extend", "held", ("citizen", "staff", "clock")),  # the clock: for the waitlist
    Transition("awaiting_email", "extend", "awaiting_email", CITIZEN_OR_STAFF),
    Transition("held", "ask_email", "awaiting_email", CITIZEN),  # a guest, where the tenant wants it
    Transition("expired", "ask_email", "awaiting_email", CITIZEN),  # if its slot is still free
    Transition("awaiting_email", "ask_email", "awaiting_email", CITIZEN),  # once more, or to another address
    Transition("awaiting_email", "activate", "held", CITIZEN),  # and on from there in the same transaction
    Transition("expired", "activate", "held", CITIZEN),  # if its slot is still free
    Transition("held", "go_to_checkout", "held", CITIZEN),
    Transition("expired", "go_to_checkout", "held", CITIZEN),  # if its slot is still free
    Transition("awaiting_payment", "go_to_checkout", "awaiting_payment", CITIZEN),  # the payment before it is over
    Transition("held", "await_payment", "awaiting_payment", CITIZEN),
    Transition("awaiting_payment", "await_payment", "awaiting_payment", CITIZEN),
    Transition("awaiting_payment", "tell_unfinished", "awaiting_payment", CLOCK),
    Transition("awaiting_payment", "authorise", "confirmed", PAYMENT),
    Transition("expired", "authorise", "confirmed", PAYMENT),  # late; if its slot is still free
    Transition("held", "confirm", "confirmed", CITIZEN_OR_STAFF),
    Transition("expired", "confirm", "confirmed", CITIZEN_OR_STAFF),  # if its slot is still free
    Transition("awaiting_payment", "confirm", "confirmed", CITIZEN_OR_STAFF),  # pays at the counter after all
    Transition("held", "expire", "expired", CLOCK),
    Transition("awaiting_email", "expire", "expired", CLOCK),
    Transition("awaiting_payment", "expire", "expired", CLOCK),
    Transition("held", "move", "held", CITIZEN_OR_STAFF),  # another time before the binding step
    Transition("confirmed", "move", "confirmed", CITIZEN_OR_STAFF),
    Transition("confirmed", "change_items", "confirmed", CITIZEN_OR_STAFF),
    *(Transition(state, "reassign", state, STAFF) for state in ("held", "awaiting_email", "awaiting_payment")),
    Transition("confirmed", "reassign", "confirmed", STAFF),
    Transition("checked_in", "reassign", "checked_in", STAFF),
    Transition("confirmed", "remind", "confirmed", CLOCK),
    Transition("confirmed", "offer_earlier", "confirmed", CLOCK),
    Transition("held", "cancel", "cancelled_by_citizen", CITIZEN),
    Transition("awaiting_email", "cancel", "cancelled_by_citizen", CITIZEN),
    Transition("awaiting_payment", "cancel", "cancelled_by_citizen", CITIZEN),
    Transition("confirmed", "cancel", "cancelled_by_citizen", CITIZEN_OR_STAFF),  # staff: on the citizen's word
    Transition("held", "cancel_by_office", "cancelled_by_office", STAFF),
    Transition("awaiting_email", "cancel_by_office", "cancelled_by_office", STAFF),
    Transition("awaiting_payment", "cancel_by_office", "cancelled_by_office", STAFF),
    Transition("confirmed", "cancel_by_office", "cancelled_by_office", STAFF),
    Transition("checked_in", "cancel_by_office", "cancelled_by_office", STAFF),
    Transition("confirmed", "offer_rebooking", "cancelled_by_office", STAFF),  # number and payment are kept for a while
    Transition("cancelled_by_office", "rebook", "confirmed", CITIZEN_OR_STAFF),
    Transition("cancelled_by_office", "decline_rebooking", "cancelled_by_office", ("citizen", "staff", "clock")),
    Transition("confirmed", "check_in", "checked_in", CITIZEN_OR_STAFF),
    Transition("no_show", "check_in", "checked_in", STAFF),  # came late after all; beside another visit if need be
    Transition("confirmed", "call", "in_service", STAFF),
    Transition("checked_in", "call", "in_service", STAFF),
    Transition("completed", "call", "in_service", STAFF),  # was closed by mistake
    Transition("confirmed", "complete", "completed", STAFF),
    Transition("checked_in", "complete", "completed", STAFF),
    Transition("in_service", "complete", "completed", STAFF),
    Transition("confirmed", "miss", "no_show", STAFF),
    Transition("checked_in", "miss", "no_show", STAFF),
    Transition("in_service", "miss", "no_show", STAFF),  # was called, and did not come
    *(
        Transition(state, "pay_at_counter", state, STAFF)
        for state in ("confirmed", "checked_in", "in_service", "completed")
    ),
    *(Transition(state, "settle", state, PAYMENT) for state in get_args(AppointmentState)),
    *(
        Transition(state, "send_link", state, CITIZEN_OR_STAFF)
        for state in ("held", "awaiting_payment", "confirmed", "expired", "cancelled_by_office")
    ),
    *(Transition(state, "note_mail_failure", state, ("notify",)) for state in get_args(AppointmentState)),
    *(Transition(state, "note_refusal", state, STAFF) for state in ("confirmed", "checked_in")),  # its clerk cannot
    *(
        Transition(state, "erase", state, ("clock", "citizen", "staff"))  # the person is forgotten, the visit stays
        for state in get_args(AppointmentState)
        if state not in ("held", "awaiting_email", "awaiting_payment")
    ),
)
_ALLOWED = {(move.source, move.action, move.target): move.actors for move in TRANSITIONS}

WITH_DEADLINE: frozenset[AppointmentState] = frozenset({"held", "awaiting_email", "awaiting_payment"})
"""The slot is only reserved: `expires_at` is set in exactly these states."""
LIVE: frozenset[AppointmentState] = WITH_DEADLINE | {"confirmed", "checked_in", "in_service"}
"""The slot is occupied."""
STANDING: frozenset[AppointmentState] = frozenset({"confirmed", "checked_in", "in_service", "completed", "no_show"})
"""The visit stands, or stood: it is in the calendars, and its fee is due."""

BookedVia = Literal["online", "phone", "counter", "walk_in", "waitlist"]
"""How the citizen came to it; staff book for callers (`phone`), at the counter, and for who walks in."""


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """One row of `appointment`. Instants are aware, in UTC; money is in cents of EUR."""

    id: UUID
    tenant: str
    number: str
    state: AppointmentState
    version: int
    location_id: UUID
    unit_id: UUID
    lane_id: int
    channel: Literal["on_site", "phone", "video"]
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    fee_cents: int | None
    fee_kind: Literal["fixed", "none", "on_request"]
    payment_policy: PaymentPolicy
    payment_mode: PaymentMode
    payment_id: UUID | None
    payment_state: PaymentState | None
    payment_version: int
    payment_next_url: str | None
    treasury_reference: str | None
    paid_cents: int
    refunded_cents: int
    returned_cents: int = 0
    """What payment was told to give back while the visit stands, arrived or not."""
    counter_paid_cents: int | None
    """As a clerk marked it; null: nobody did."""
    citizen_uid: UUID
    citizen_sequence: int
    held_at: datetime
    expires_at: datetime | None
    extension_count: int
    return_url: str | None
    unfinished_told_at: datetime | None
    reminded_at: datetime | None
    booked_via: BookedVia
    overbooked: bool
    """Beside another visit of the same clerk, by a lead's decision: it has no occupation of its own."""
    rebook_until: datetime | None
    """Cancelled by the office, and until then another time may be chosen; its money waits."""
    office_note: str
    """Why the office cancelled or moved it, for the citizen."""
    created_at: datetime
    updated_at: datetime

    def is_overdue(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


class By(NamedTuple):
    """Who decides; staff with their subject."""

    actor: Actor
    subject: str | None = None


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What payment must be told, once the decision is written."""

    verb: Literal["capture", "cancel", "refund"]
    payment_id: UUID
    amount_cents: int | None = None
    reason: RefundReason | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of an appointment. `after` has the next version; the slot follows from the two states."""

    action: Action
    actor: Actor
    before: Appointment
    after: Appointment
    event: AppointmentEventType | None = None
    commands: tuple[Command, ...] = ()
    subject: str | None = None
    """Which member of the staff."""

    @property
    def signature(self) -> str:
        """As the audit has it."""
        return f"{self.actor}:{self.subject}" if self.subject else self.actor

    @property
    def takes_slot(self) -> bool:
        """The very slot that it had. Who rebooks has taken another one before the decision, as who moves; who is served
        beside another visit has none to take.
        """
        returns = self.before.state not in LIVE and self.after.state in LIVE
        return returns and self.action != "rebook" and not self.after.overbooked

    @property
    def frees_slot(self) -> bool:
        return self.before.state in LIVE and self.after.state not in LIVE

    @property
    def leaves_slot(self) -> bool:
        """A confirmed visit is called off, or takes place at another time: somebody else may have its time."""
        return self.before.state == "confirmed" and (self.frees_slot or self.before.starts_at != self.after.starts_at)


def decide(
    appointment: Appointment,
    action: Action,
    target: AppointmentState,
    now: datetime,
    *,
    event: AppointmentEventType | None = None,
    commands: tuple[Command, ...] = (),
    by: By | None = None,
    **changes: object,
) -> Decision:
    """Raises Conflict where the table has no such transition, or not for this actor."""
    actors = _ALLOWED.get((appointment.state, action, target), ())
    actor, subject = by or By(actors[0] if actors else "clock")
    if actor not in actors:
        raise Conflict(f"The appointment is {appointment.state}: {action} is not possible.")
    if target not in WITH_DEADLINE:
        changes["expires_at"] = None
    after = msgspec.structs.replace(
        appointment, state=target, version=appointment.version + 1, updated_at=now, **changes
    )
    return Decision(
        action=action, actor=actor, before=appointment, after=after, event=event, commands=commands, subject=subject
    )


def draw() -> str:
    """The state diagram in Mermaid, for the README: the moves from one state to another."""
    moves = [move for move in TRANSITIONS if move.source != move.target]
    arrows = [
        f"    {move.source or '[*]'} --> {move.target}: {move.action} ({', '.join(move.actors)})" for move in moves
    ]
    return "\n".join(["stateDiagram-v2", *arrows])

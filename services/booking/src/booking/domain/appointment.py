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
RefundReason = Literal["cancelled_in_time", "late", "duplicate"]

Action = Literal[
    "hold",
    "extend",
    "go_to_checkout",
    "await_payment",
    "tell_unfinished",
    "authorise",
    "confirm",
    "expire",
    "move",
    "cancel",
    "settle",
    "remind",
    "send_link",
]
Actor = Literal["citizen", "payment", "clock"]


class Transition(NamedTuple):
    source: AppointmentState | None
    action: Action
    target: AppointmentState
    actor: Actor


TRANSITIONS = (
    Transition(None, "hold", "held", "citizen"),
    Transition("held", "extend", "held", "citizen"),
    Transition("held", "go_to_checkout", "held", "citizen"),
    Transition("expired", "go_to_checkout", "held", "citizen"),  # if its slot is still free
    Transition("awaiting_payment", "go_to_checkout", "awaiting_payment", "citizen"),  # the payment before it is over
    Transition("held", "await_payment", "awaiting_payment", "citizen"),
    Transition("awaiting_payment", "await_payment", "awaiting_payment", "citizen"),
    Transition("awaiting_payment", "tell_unfinished", "awaiting_payment", "clock"),
    Transition("awaiting_payment", "authorise", "confirmed", "payment"),
    Transition("expired", "authorise", "confirmed", "payment"),  # late; if its slot is still free
    Transition("held", "confirm", "confirmed", "citizen"),
    Transition("expired", "confirm", "confirmed", "citizen"),  # if its slot is still free
    Transition("awaiting_payment", "confirm", "confirmed", "citizen"),  # pays at the counter after all
    Transition("held", "expire", "expired", "clock"),
    Transition("awaiting_payment", "expire", "expired", "clock"),
    Transition("confirmed", "move", "confirmed", "citizen"),
    Transition("confirmed", "remind", "confirmed", "clock"),
    Transition("held", "cancel", "cancelled_by_citizen", "citizen"),
    Transition("awaiting_payment", "cancel", "cancelled_by_citizen", "citizen"),
    Transition("confirmed", "cancel", "cancelled_by_citizen", "citizen"),
    *(Transition(state, "settle", state, "payment") for state in get_args(AppointmentState)),
    *(
        Transition(state, "send_link", state, "citizen")
        for state in ("held", "awaiting_payment", "confirmed", "expired")
    ),
)
_ALLOWED = {(move.source, move.action, move.target): move.actor for move in TRANSITIONS}

WITH_DEADLINE: frozenset[AppointmentState] = frozenset({"held", "awaiting_email", "awaiting_payment"})
"""The slot is only reserved: `expires_at` is set in exactly these states."""
LIVE: frozenset[AppointmentState] = WITH_DEADLINE | {"confirmed", "checked_in", "in_service"}
"""The slot is occupied."""


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
    citizen_uid: UUID
    citizen_sequence: int
    held_at: datetime
    expires_at: datetime | None
    extension_count: int
    return_url: str | None
    unfinished_told_at: datetime | None
    reminded_at: datetime | None
    created_at: datetime
    updated_at: datetime

    def is_overdue(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


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

    @property
    def takes_slot(self) -> bool:
        return self.before.state not in LIVE and self.after.state in LIVE

    @property
    def frees_slot(self) -> bool:
        return self.before.state in LIVE and self.after.state not in LIVE


def decide(
    appointment: Appointment,
    action: Action,
    target: AppointmentState,
    now: datetime,
    *,
    event: AppointmentEventType | None = None,
    commands: tuple[Command, ...] = (),
    **changes: object,
) -> Decision:
    """Raises Conflict where the table has no such transition."""
    actor = _ALLOWED.get((appointment.state, action, target))
    if actor is None:
        raise Conflict(f"The appointment is {appointment.state}: {action} is not possible.")
    if target not in WITH_DEADLINE:
        changes["expires_at"] = None
    after = msgspec.structs.replace(
        appointment, state=target, version=appointment.version + 1, updated_at=now, **changes
    )
    return Decision(action=action, actor=actor, before=appointment, after=after, event=event, commands=commands)


def draw() -> str:
    """The state diagram in Mermaid, for the README: the moves from one state to another."""
    moves = [move for move in TRANSITIONS if move.source != move.target]
    arrows = [f"    {move.source or '[*]'} --> {move.target}: {move.action} ({move.actor})" for move in moves]
    return "\n".join(["stateDiagram-v2", *arrows])

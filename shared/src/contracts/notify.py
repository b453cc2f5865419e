"""What notify tells the others: what became of a mail. Ids alone, no address.

Events travel on the stream `NOTIFY`; an event's type is also its subject.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

STREAM = "NOTIFY"
SUBJECT_PREFIX = "notify."

DeliveryEventType = Literal[
    "notify.delivery.accepted",  # the mail server has it
    "notify.delivery.failed",  # refused for good, or tried for a day
    "notify.delivery.expired",  # it could not be sent before it was of no use
    "notify.delivery.bounced",  # it was accepted, and came back
]


class DeliveryEvent(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    type: DeliveryEventType
    tenant: str
    delivery_id: UUID
    version: int
    """Of the delivery: 1 once it is settled, 2 once it came back. The higher one holds."""
    appointment_id: UUID | None = None
    invitation_id: UUID | None = None
    """The mail is about one of the two."""
    audience: Literal["citizen", "clerk"]
    kind: str
    """What the mail said: `confirmation`, `reminder`, …"""
    cause: str | None = None
    address_refused: bool = False
    """There is nobody under this address: phone instead."""
    occurred_at: datetime


Refusal = Literal["declined", "countered", "delegated"]
"""Of an invitation. Countered: another time was proposed. Delegated: somebody else was named."""


class ClerkDeclinedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A clerk answered an invitation: not like this. Who it is, booking knows by the entry."""

    id: UUID
    type: Literal["notify.clerk_declined"] = "notify.clerk_declined"
    tenant: str
    appointment_id: UUID
    calendar_uid: str
    """Of the clerk's entry, as the letter had it."""
    sequence: int
    """The revision that was answered: a later one is not declined by it."""
    answer: Refusal
    occurred_at: datetime

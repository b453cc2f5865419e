"""What stands before a reservation and before the binding step, so that nobody hoards appointments or trades in them.

Caps count what one client or one person has open. A proof that a browser worked for it (a solved challenge) stands
before what the tenant names; who brings none may still book: by confirming a mail address, one reservation at a time.
"""

import re
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

import msgspec

from booking.domain.errors import TooManyBookings, TooManyHolds
from booking.domain.reservation import HOLD
from contracts.tenant import Fairness

NO_CAPS: Final = Fairness(holds_per_client=0, holds_per_person=0, bookings_per_person=0, bookings_per_day=0)
CHALLENGE_LIFE: Final = timedelta(minutes=20)


class Solved(NamedTuple):
    """A challenge that was solved in time. It is spent in the transaction of what it was solved for."""

    nonce: bytes
    until: datetime


Proof = Solved | Literal["exempt", "missing"]
"""`exempt`: the tenant asks for none here, or whoever asks vouches for the citizen (a portal, the staff)."""


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """What one person must pass to book."""

    caps: Fairness
    proof: Proof
    person_key: bytes | None
    """Keyed hash of how the person is reached; null: not counted."""

    @property
    def needs_activation(self) -> bool:
        """The confirmation of a mail address takes the challenge's place."""
        return self.proof == "missing"


OPEN_GATE: Final = Gate(caps=NO_CAPS, proof="exempt", person_key=None)
"""For whom the staff books."""


class Counted(NamedTuple):
    """What else this person has at the tenant."""

    holds: int
    bookings: int
    same_day: int
    """Of these, for one of the same services on the same day."""


def counts_persons(caps: Fairness) -> bool:
    return bool(caps.holds_per_person or caps.bookings_per_person or caps.bookings_per_day)


def fold_person(email: str | None, phone: str | None) -> str | None:
    """How a person is reached, in one form: `Erika+Amt@Example.ORG` is erika@example.org, +49 2452 13 is 0245213."""
    if email and "@" in email:
        local, _, domain = email.strip().lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}"
    digits = re.sub(r"\D", "", re.sub(r"^\s*(\+|00)49", "0", phone or ""))
    return f"tel:{digits}" if digits else None


def check_holds(caps: Fairness, counted: Counted) -> None:
    """Raises TooManyHolds."""
    if 0 < caps.holds_per_person <= counted.holds:
        raise TooManyHolds(
            f"{counted.holds} reservations of yours are open. Finish or cancel one of them first.",
            retry_after_s=HOLD.total_seconds(),
        )


def check_bookings(caps: Fairness, counted: Counted) -> None:
    """Raises TooManyHolds, TooManyBookings."""
    check_holds(caps, counted)
    if 0 < caps.bookings_per_person <= counted.bookings:
        raise TooManyBookings(f"You have {counted.bookings} appointments here. More are made by phone.")
    if 0 < caps.bookings_per_day <= counted.same_day:
        raise TooManyBookings(f"You have {counted.same_day} appointments for this service on that day already.")


def holds_allowed(caps: Fairness, proof: Proof) -> int:
    """Reservations of one client at a time; 0: as many as they like."""
    return 1 if proof == "missing" else caps.holds_per_client


def too_many_holds_of_client() -> TooManyHolds:
    return TooManyHolds(
        "Too many reservations from your address are open. Finish or cancel one of them first.",
        retry_after_s=HOLD.total_seconds(),
    )

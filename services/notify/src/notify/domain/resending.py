"""May a person have this mail sent once more?"""

from datetime import datetime

import msgspec

from contracts.booking import AppointmentState
from notify.domain.delivery import OPEN, State
from notify.domain.errors import Conflict
from notify.domain.kinds import Kind, is_true


class Original(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    state: State
    expires_at: datetime | None
    appointment_state: AppointmentState | None
    has_message: bool
    is_newest: bool
    """No later revision of its calendar entry was written for this recipient."""


def check_resend(original: Original, now: datetime) -> None:
    """Raises Conflict, saying what to do."""
    if original.state in OPEN:
        raise Conflict("This mail is still on its way; it is sent by itself.")
    if original.expires_at is not None and now >= original.expires_at:
        raise Conflict("It is too late for this mail: what it is about is past.")
    if not original.has_message:
        raise Conflict("The text of this mail was deleted at the end of its retention, or never written.")
    if not original.is_newest:
        raise Conflict("A newer mail about the same calendar entry exists; resend that one.")
    if not is_true(original.kind, original.appointment_state):
        raise Conflict(f"The appointment is {original.appointment_state}; this mail is no longer true.")

"""What a hold may do beyond a citizen's own: the staff's bookings, the waitlist's, an invitation's."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from booking.domain.appointment import BookedVia, By
from booking.domain.reservation import HOLD


class HoldOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Which lanes may serve it stands in the plan (`VisitPlan.lane_ids`, `preferred`)."""

    by: By = By("citizen")
    booked_via: BookedVia = "online"
    internal: bool = False
    """Also steps that the public may not book (quota)."""
    any_time: bool = False
    """Notice, window and start step do not bind; from now on."""
    lasts: timedelta = HOLD
    invitation_id: UUID | None = None
    """Used by one appointment at a time, and for good once that is confirmed."""
    overbook: bool = False
    """Beside whatever the plan's first lane has then: it takes no slot, and so has no occupation."""

    @property
    def signature(self) -> str:
        """As the audit has it."""
        return f"{self.by.actor}:{self.by.subject}" if self.by.subject else self.by.actor


CITIZEN: Final = HoldOptions()


def staff_options(by: By, booked_via: BookedVia = "phone") -> HoldOptions:
    """The staff book at any time, also what is kept from the public."""
    return HoldOptions(by=by, booked_via=booked_via, internal=True, any_time=True)

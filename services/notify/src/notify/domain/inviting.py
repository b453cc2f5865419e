"""An invitation to book: the one mail that is about no appointment. It is made once; no version is to be compared."""

from datetime import datetime

import msgspec

from contracts.booking import InvitationLetter
from contracts.tenant import TenantProfile
from notify.domain.telling import Message


class InvitationOccasion(msgspec.Struct, frozen=True):
    """All that goes into its mail."""

    message: Message
    letter: InvitationLetter
    tenant: TenantProfile

    @property
    def time_zone(self) -> str:
        return self.tenant.time_zone

    @property
    def deadline(self) -> datetime:
        return self.letter.expires_at


def invite(letter: InvitationLetter) -> Message:
    return Message(
        audience="citizen",
        kind="invitation",
        email=letter.email,
        language=letter.language,
        subject_key=f"invitation:{letter.invitation_id}",
    )

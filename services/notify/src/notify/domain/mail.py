"""Which mail: what all rooms know of one."""

from uuid import UUID

import msgspec

from notify.domain.kinds import Audience, Kind


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    appointment_id: UUID | None = None
    invitation_id: UUID | None = None
    """It is about one of the two."""
    audience: Audience
    kind: Kind

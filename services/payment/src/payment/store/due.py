from uuid import UUID

import msgspec


class Due(msgspec.Struct, frozen=True):
    """What a claim found, and for whom the work is then done."""

    tenant: str
    id: UUID

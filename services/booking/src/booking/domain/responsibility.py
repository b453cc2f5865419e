"""Who is responsible, and why. Thin so far: the unit that offers the services; nothing needs to be asked.

Rules by street and surname, deputies and a fallback come here; the token that carries the answer stays.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue, VisitPlan


class ResponsibilityClaims(msgspec.Struct, frozen=True):
    """What the signed token says: the visit is served by this unit of this tenant."""

    tenant: str
    unit_id: UUID


class Responsibility(msgspec.Struct, frozen=True):
    unit_id: UUID
    unit: str
    why: str


def find_responsibility(catalogue: Catalogue, plans: Sequence[VisitPlan]) -> Responsibility:
    unit_id = plans[0].unit_id
    unit = catalogue.units[unit_id]
    names = ", ".join(f"„{part.service.name}“" for part in plans[0].items)
    return Responsibility(unit_id, unit, f"{unit} ist zuständig für {names}.")

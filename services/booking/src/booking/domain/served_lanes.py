"""Plans of a visit, narrowed to certain lanes. Pure."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue
from booking.domain.errors import Invalid
from booking.domain.visit_plan import VisitPlan


def lanes_of(catalogue: Catalogue, clerk_id: UUID | None) -> tuple[int, ...]:
    return tuple(lane.id for lane in catalogue.lanes.values() if clerk_id and lane.clerk_id == clerk_id)


def served_in(plans: Sequence[VisitPlan], lane_ids: Collection[int]) -> list[VisitPlan]:
    """The plans as far as these lanes serve them."""
    narrowed = (tuple(lane_id for lane_id in plan.lane_ids if lane_id in lane_ids) for plan in plans)
    return [msgspec.structs.replace(plan, lane_ids=lanes) for plan, lanes in zip(plans, narrowed, strict=True) if lanes]


def served_by(catalogue: Catalogue, plans: Sequence[VisitPlan], clerk_id: UUID | None) -> list[VisitPlan]:
    """The plans as far as this clerk serves them; null: whoever does. Raises Invalid."""
    if clerk_id is None:
        return list(plans)
    lane_ids = lanes_of(catalogue, clerk_id)
    if not lane_ids:
        raise Invalid.field("clerk_id", "no such clerk here")
    served = served_in(plans, lane_ids)
    if not served:
        raise Invalid.field("clerk_id", "this clerk does not serve these services there")
    return served

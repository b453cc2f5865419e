"""Clerks whom a responsibility rule names for a visit's services: their visits stay with them, or go to their deputies.

Pure.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from booking.domain.catalogue import Catalogue, Lane
from booking.domain.responsibility_rules import ResponsibilityRule
from booking.domain.responsible_lanes import follow
from booking.domain.visit_plan import VisitPlan


def lanes_of_deputies(catalogue: Catalogue, lane_id: int, service_ids: Sequence[UUID]) -> tuple[int, ...]:
    deputies = [rule.deputy_id for rule in _rules_for(catalogue, lane_id, service_ids) if rule.deputy_id]
    return _lanes_of(catalogue, deputies)


def lanes_to_stay_in(catalogue: Catalogue, lane_id: int, service_ids: Sequence[UUID]) -> tuple[int, ...] | None:
    """Null: no rule names the clerk of this lane, so any other will do."""
    named = [rule.clerk_id for rule in _rules_for(catalogue, lane_id, service_ids) if rule.clerk_id]
    return _lanes_of(catalogue, named) if named else None


def plans_to_stay(catalogue: Catalogue, plans: Sequence[VisitPlan], lane_id: int) -> list[VisitPlan]:
    """Where a rule names the clerk of this lane, or has that clerk as a deputy, with whom it names; else all."""
    clerk_id = catalogue.lanes[lane_id].clerk_id
    rules = list(catalogue.responsibility.rules_of([part.service.id for part in plans[0].items]))
    named = [rule for rule in rules if clerk_id and rule.clerk_id == clerk_id]
    deputy = [rule for rule in rules if clerk_id and rule.deputy_id == clerk_id]
    rule = next(iter([*named, *deputy]), None)
    return follow(catalogue, plans, rule) or list(plans)


def _rules_for(catalogue: Catalogue, lane_id: int, service_ids: Sequence[UUID]) -> Iterator[ResponsibilityRule]:
    lane: Lane | None = catalogue.lanes.get(lane_id)
    for rule in catalogue.responsibility.rules_of(service_ids):
        if lane and lane.clerk_id and rule.clerk_id == lane.clerk_id:
            yield rule


def _lanes_of(catalogue: Catalogue, clerk_ids: Sequence[UUID]) -> tuple[int, ...]:
    return tuple(lane.id for lane in catalogue.lanes.values() if lane.clerk_id in clerk_ids)

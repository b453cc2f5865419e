"""Which lanes serve a visit, once it is decided who is responsible; and which, while it is not. Pure."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue, Lane, Offering
from booking.domain.errors import Invalid
from booking.domain.responsibility import Decision, RuleBook, decide, version_of
from booking.domain.responsibility_cases import Rules
from booking.domain.responsibility_rules import Fact, Known, ResponsibilityRule, fits
from booking.domain.served_lanes import lanes_of, served_in
from booking.domain.visit_plan import VisitPlan


class ResponsibilityClaims(msgspec.Struct, frozen=True):
    """What the signed token says: for these services this rule decides. No person's data: it stands in addresses."""

    tenant: str
    service_ids: tuple[UUID, ...]
    version: str
    """The rules by which it was decided."""
    rule_id: UUID | None
    """Null: the unit that offers the services."""


class Responsible(msgspec.Struct, frozen=True, kw_only=True):
    asks: tuple[Fact, ...]
    rule: ResponsibilityRule | None
    unit: str
    clerk: str | None
    deputy: str | None


def make_rule_book(rules: Rules, offerings: Mapping[UUID, tuple[Offering, ...]], lanes: Mapping[int, Lane]) -> RuleBook:
    """A rule whose unit or clerk does not serve a service says nothing about it."""
    by_service = {
        service_id: tuple(rule for rule in rules if _concerns(rule, service_id) and _serves(rule, offered, lanes))
        for service_id, offered in offerings.items()
    }
    return RuleBook({service_id: found for service_id, found in by_service.items() if found}, version_of(rules))


def _concerns(rule: ResponsibilityRule, service_id: UUID) -> bool:
    return not rule.service_ids or service_id in rule.service_ids


def _serves(rule: ResponsibilityRule, offered: Sequence[Offering], lanes: Mapping[int, Lane]) -> bool:
    if rule.clerk_id is None:
        return any(offering.unit_id == rule.unit_id for offering in offered)
    return any(lanes[lane_id].clerk_id == rule.clerk_id for offering in offered for lane_id in offering.lane_ids)


def find_responsible(catalogue: Catalogue, plans: Sequence[VisitPlan], known: Known) -> Responsible:
    """For all services of the visit together. Raises Invalid where they are different people's."""
    decisions = [decide(catalogue.responsibility.by_service.get(id_, ()), known) for id_ in _service_ids(plans)]
    asks = tuple(dict.fromkeys(fact for decision in decisions for fact in decision.asks))
    return _name(catalogue, plans, asks, None if asks else _joint_rule(decisions))


def found_before(catalogue: Catalogue, plans: Sequence[VisitPlan], claims: ResponsibilityClaims) -> Responsible:
    """Raises Invalid."""
    return _name(catalogue, plans, (), _rule_of(catalogue, claims, _service_ids(plans)))


def _name(
    catalogue: Catalogue, plans: Sequence[VisitPlan], asks: tuple[Fact, ...], rule: ResponsibilityRule | None
) -> Responsible:
    served = follow(catalogue, plans, rule)
    return Responsible(
        asks=asks,
        rule=rule,
        unit=catalogue.units[(served or plans)[0].unit_id],
        clerk=_name_of(catalogue, rule.clerk_id) if rule else None,
        deputy=_name_of(catalogue, rule.deputy_id) if rule else None,
    )


def _joint_rule(decisions: Sequence[Decision]) -> ResponsibilityRule | None:
    rules = [decision.rule for decision in decisions if decision.rule]
    if len({rule.target for rule in rules}) > 1:
        raise Invalid.field("service_ids", "different people are responsible for these services; book them one by one")
    return rules[0] if rules else None


def _name_of(catalogue: Catalogue, clerk_id: UUID | None) -> str | None:
    return next((lane.name for lane in catalogue.lanes.values() if clerk_id and lane.clerk_id == clerk_id), None)


def _service_ids(plans: Sequence[VisitPlan]) -> list[UUID]:
    return [part.service.id for part in plans[0].items]


def responsible_plans(
    catalogue: Catalogue, plans: Sequence[VisitPlan], claims: ResponsibilityClaims | None
) -> list[VisitPlan]:
    """The plans with the lanes that may serve the visit; without claims, those that are nobody's in particular.

    Raises Invalid.
    """
    service_ids = _service_ids(plans)
    if claims is None:
        found = _plans_of_nobody(catalogue, plans, service_ids)
    else:
        found = follow(catalogue, plans, _rule_of(catalogue, claims, service_ids))
    if not found:
        raise Invalid.field("responsibility", _NEEDED if claims is None else _AWAY)
    return found


_NEEDED = "someone in particular is responsible for this; ask POST …/responsibility first"
_AWAY = "who is responsible does not serve this visit; choose fewer services or persons, or another location"


def _rule_of(
    catalogue: Catalogue, claims: ResponsibilityClaims, service_ids: Sequence[UUID]
) -> ResponsibilityRule | None:
    if claims.version != catalogue.responsibility.version:
        raise Invalid.field("responsibility", "it was found by rules that have changed; ask again")
    if not set(service_ids) <= set(claims.service_ids):
        raise Invalid.field("items", "the responsibility was asked for other services")
    return next((rule for rule in catalogue.responsibility.rules_of(service_ids) if rule.id == claims.rule_id), None)


def follow(catalogue: Catalogue, plans: Sequence[VisitPlan], rule: ResponsibilityRule | None) -> list[VisitPlan]:
    """Whom the rule names, and behind the clerk the deputy, for the days on which the clerk is away."""
    if rule is None:
        return list(plans)
    if rule.clerk_id is None:
        return [plan for plan in plans if plan.unit_id == rule.unit_id]
    clerk, deputy = (lanes_of(catalogue, clerk_id) for clerk_id in (rule.clerk_id, rule.deputy_id))
    stand_ins = [msgspec.structs.replace(plan, stands_in_for=clerk) for plan in served_in(plans, deputy)]
    return [*served_in(plans, clerk), *stand_ins]


def _plans_of_nobody(catalogue: Catalogue, plans: Sequence[VisitPlan], service_ids: Sequence[UUID]) -> list[VisitPlan]:
    """Nothing is known: what the rules say without knowing anything, else whoever no rule names."""
    found = list(plans)
    for service_id in service_ids:
        if service_id in catalogue.responsibility.by_service:
            decision = catalogue.responsibility.decide_unasked(service_id)
            found = (
                _without_named(catalogue, found, decision) if decision.asks else follow(catalogue, found, decision.rule)
            )
    return found


def _without_named(catalogue: Catalogue, plans: Sequence[VisitPlan], decision: Decision) -> list[VisitPlan]:
    """Nobody is booked whom another rule may have named: better a general counter than the wrong clerk."""
    last = decision.left[-1]
    if fits(last, Known()):
        return follow(catalogue, plans, last)
    units = {rule.unit_id for rule in decision.left}
    clerks = {rule.clerk_id for rule in decision.left if rule.clerk_id}
    neutral = [lane.id for lane in catalogue.lanes.values() if lane.clerk_id not in clerks]
    return served_in([plan for plan in plans if plan.unit_id not in units], neutral)

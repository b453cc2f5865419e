"""The shapes in which the API shows rules."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue
from booking.domain.catalogue_files import WEEKDAYS
from booking.domain.conflicts import ConflictCause
from booking.domain.holidays import ClosingCustom
from booking.domain.rule_set import Closure, OpeningRule, Rule, RuleSet, ScheduleException
from booking.domain.what_if import DayChange, Earliest, RuleEffect
from booking.store.rules import RuleVersion
from booking.web.local_instants import all_at_place
from booking.web.staff.rule_bodies import (
    END_OF_DAY,
    ClosureBody,
    CustomBody,
    ExceptionBody,
    HoursBody,
    PlaceBody,
    RuleBody,
)


class ExceptionView(ExceptionBody, frozen=True, kw_only=True):
    id: UUID | None


class ClosureView(ClosureBody, frozen=True, kw_only=True):
    id: UUID | None


class RulesView(msgspec.Struct, frozen=True, kw_only=True):
    opening: list[PlaceBody]
    exceptions: list[ExceptionView]
    closures: list[ClosureView]
    customs: list[CustomBody]


class RuleSetView(RulesView, frozen=True, kw_only=True):
    version: int
    region: str | None
    """The state of Germany whose public and school holidays hold; null: public holidays of all Germany."""


class VersionDetails(RuleVersion, frozen=True, kw_only=True):
    added: RulesView
    removed: RulesView


class StrandedView(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID
    number: str
    lane_id: int
    lane: str
    start: datetime
    end: datetime
    cause: ConflictCause
    detail: str


class EffectView(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    """Of the rule set, with the change."""
    dry_run: bool
    days: list[DayChange]
    """Those with other hours than before."""
    conflicts: list[StrandedView]
    """Visits that stand where it is no longer open. They keep standing, until somebody resolves it."""
    resolved_count: int
    """Conflicts that are none any more."""
    earliest: list[Earliest] | None
    """For a dry run: the earliest time that the public can book, for each service for which it changes."""


def show_rule_set(rule_set: RuleSet, version: int) -> RuleSetView:
    shown = show_rules((*rule_set.opening, *rule_set.exceptions, *rule_set.closures, *rule_set.customs))
    return RuleSetView(version=version, region=rule_set.region, **msgspec.structs.asdict(shown))


def show_rules(rules: Sequence[Rule]) -> RulesView:
    return RulesView(
        opening=_show_opening([rule for rule in rules if isinstance(rule, OpeningRule)]),
        exceptions=[_show_exception(rule) for rule in rules if isinstance(rule, ScheduleException)],
        closures=[_show_closure(rule) for rule in rules if isinstance(rule, Closure)],
        customs=[
            CustomBody(custom=rule.custom, closed_from=_clock(rule.closed_from))
            for rule in rules
            if isinstance(rule, ClosingCustom)
        ],
    )


def _show_opening(rules: Iterable[OpeningRule]) -> list[PlaceBody]:
    by_place: defaultdict[tuple[UUID, int | None], list[RuleBody]] = defaultdict(list)
    for rule in rules:
        by_place[rule.location_id, rule.lane_id].append(_show_rule(rule))
    return [
        PlaceBody(location_id=location_id, lane_id=lane_id, rules=shown)
        for (location_id, lane_id), shown in by_place.items()
    ]


def _show_rule(rule: OpeningRule) -> RuleBody:
    return RuleBody(
        weekday=WEEKDAYS[rule.weekday - 1],
        opens=_clock(rule.opens),
        closes=_clock(rule.closes),
        audience=rule.audience,
        every_weeks=rule.every_weeks,
        anchor=rule.anchor,
        nth=rule.nth,
        first_day=rule.valid_from,
        last_day=rule.valid_until and rule.valid_until - timedelta(days=1),
        school_holidays=rule.school_holidays,
    )


def _show_exception(rule: ScheduleException) -> ExceptionView:
    return ExceptionView(
        id=rule.id,
        location_id=rule.location_id,
        lane_id=rule.lane_id,
        day=rule.day,
        hours=[
            HoursBody(opens=_clock(each.opens), closes=_clock(each.closes), audience=each.audience)
            for each in rule.hours
        ],
        reason=rule.reason,
    )


def _show_closure(rule: Closure) -> ClosureView:
    return ClosureView(
        id=rule.id,
        location_id=rule.location_id,
        first_day=rule.day,
        last_day=rule.last_day or rule.day,
        closed_from=_clock(rule.closed_from),
        closed_to=_clock(rule.closed_to),
        reason=rule.reason,
    )


def _clock(value: time | None) -> str:
    return value.strftime("%H:%M") if value else END_OF_DAY


def show_effect(effect: RuleEffect, catalogue: Catalogue) -> EffectView:
    conflicts = all_at_place(effect.conflicts, catalogue.time_zone)
    return EffectView(
        version=effect.version,
        dry_run=effect.dry_run,
        days=effect.days,
        conflicts=[
            StrandedView(
                appointment_id=found.appointment_id,
                number=found.number,
                lane_id=found.lane_id,
                lane=catalogue.lanes[found.lane_id].name if found.lane_id in catalogue.lanes else "",
                start=found.start,
                end=found.end,
                cause=found.cause,
                detail=found.detail,
            )
            for found in conflicts
        ],
        resolved_count=effect.resolved_count,
        earliest=None if effect.earliest is None else all_at_place(effect.earliest, catalogue.time_zone),
    )

"""A tenant's rule set as offices.toml says it. Pure; the files have been checked (domain/file_checks.py)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from booking.domain.catalogue_files import WEEKDAYS, OfficesFile, SpanOfDay, SpecialHours, parse_span
from booking.domain.holidays import ClosingCustom, region_of, usual_customs
from booking.domain.rule_set import Closure, Hours, OpeningRule, RuleSet, ScheduleException
from contracts.tenant import TenantProfile


def rules_of_file(
    file: OfficesFile, profile: TenantProfile, locations: Mapping[str, UUID], lanes: Mapping[str, Sequence[int]]
) -> RuleSet:
    """`locations` by the building's name, `lanes` by the office's."""
    tenant = profile.slug
    return RuleSet(
        opening=tuple(_opening(file, tenant, locations, lanes)),
        exceptions=tuple(_exceptions(file, tenant, locations)),
        closures=tuple(_closures(file, tenant, locations)),
        customs=_customs(file, profile),
    )


def _opening(
    file: OfficesFile, tenant: str, locations: Mapping[str, UUID], lanes: Mapping[str, Sequence[int]]
) -> Iterator[OpeningRule]:
    """The building's hours; an office with hours of its own gives them to each of its lanes."""
    for building in file.building:
        if building.tenant == tenant:
            yield from _hours(file, locations[building.name], None, building.hours)
    for office in file.office:
        if office.tenant == tenant and office.hours is not None:
            for lane_id in lanes[office.unit]:
                yield from _hours(file, locations[office.building], lane_id, office.hours)


def _hours(file: OfficesFile, location_id: UUID, lane_id: int | None, name: str) -> Iterator[OpeningRule]:
    for weekday, spans in file.hours[name].items():
        for span in spans:
            opens, closes = _span(span)
            yield OpeningRule(location_id, lane_id, WEEKDAYS.index(weekday) + 1, opens, closes)
    for special in file.special_hours:
        if special.hours == name:
            yield _special(special, location_id, lane_id)


def _special(special: SpecialHours, location_id: UUID, lane_id: int | None) -> OpeningRule:
    opens, closes = _span(special.span)
    return OpeningRule(
        location_id,
        lane_id,
        WEEKDAYS.index(special.weekday) + 1,
        opens,
        closes,
        valid_from=special.first_day,
        valid_until=special.last_day + timedelta(days=1) if special.last_day else None,
        every_weeks=special.every_weeks,
        anchor=special.anchor,
        nth=special.nth,
        school_holidays=special.school_holidays,
        audience=special.audience,
    )


def _exceptions(file: OfficesFile, tenant: str, locations: Mapping[str, UUID]) -> Iterable[ScheduleException]:
    for entry in file.exception:
        if entry.tenant == tenant:
            hours = tuple(Hours(*_span(span)) for span in entry.spans)
            yield ScheduleException(locations[entry.building], None, entry.day, hours, entry.reason)


def _closures(file: OfficesFile, tenant: str, locations: Mapping[str, UUID]) -> Iterable[Closure]:
    for entry in file.closure:
        if entry.tenant == tenant:
            location_id = locations[entry.building] if entry.building else None
            yield Closure(location_id, entry.day, entry.closed_from, entry.closed_to, entry.reason)


def _customs(file: OfficesFile, profile: TenantProfile) -> tuple[ClosingCustom, ...]:
    for entry in file.customs:
        if entry.tenant == profile.slug:
            return tuple(ClosingCustom(custom, closed_from) for custom, closed_from in entry.closed_from.items())
    return usual_customs(region_of(profile.ars))


def _span(text: str) -> SpanOfDay:
    span = parse_span(text)
    assert span is not None, text
    return span

"""Rules of a tenant in words, for who decides about a change of them. Pure."""

from collections.abc import Iterator
from datetime import time

from booking.domain.catalogue_files import WEEKDAYS
from booking.domain.configuration_diff import Change, Names
from booking.domain.holidays import ClosingCustom
from booking.domain.rule_set import Closure, OpeningRule, Rule, RuleSet, ScheduleException, difference


def rule_changes(before: RuleSet, after: RuleSet, names: Names) -> list[Change]:
    """Rules have no name of their own: they are what they say. Lanes are known by their number here."""
    change = difference(before, after)
    added, removed = (sorted(rule_in_words(rule, names) for rule in rules) for rules in (change.added, change.removed))
    return [
        *(Change(verb="added", kind="rule", name=words) for words in added),
        *(Change(verb="retired", kind="rule", name=words) for words in removed),
    ]


def rule_in_words(rule: Rule, names: Names) -> str:
    match rule:
        case OpeningRule():
            when = f"{WEEKDAYS[rule.weekday - 1]} {_span(rule.opens, rule.closes)}"
            return f"{_whose(rule, names)}: {', '.join([when, *_conditions(rule)])}"
        case ScheduleException():
            hours = ", ".join(_span(one.opens, one.closes) for one in rule.hours) or "closed"
            return f"{_whose(rule, names)}: {rule.day} {hours} {rule.reason}".rstrip()
        case Closure():
            place = names.get(rule.location_id, "everywhere") if rule.location_id else "everywhere"
            days = f"{rule.day} to {rule.last_day}" if rule.last_day else str(rule.day)
            return f"{place}: closed {days} {_span(rule.closed_from, rule.closed_to)} {rule.reason}".rstrip()
        case ClosingCustom():
            return f"everywhere: closed on {rule.custom} from {rule.closed_from:%H:%M}"


def _whose(rule: OpeningRule | ScheduleException, names: Names) -> str:
    place = names.get(rule.location_id, "?")
    return place if rule.lane_id is None else f"{place}, {names.get(rule.lane_id, '?')}"


def _conditions(rule: OpeningRule) -> Iterator[str]:
    if rule.every_weeks > 1:
        yield f"every {rule.every_weeks} weeks, as in that of {rule.anchor}"
    if rule.nth is not None:
        yield "the last of the month" if rule.nth == -1 else f"number {rule.nth} of the month"
    if rule.valid_from is not None:
        yield f"from {rule.valid_from}"
    if rule.valid_until is not None:
        yield f"until before {rule.valid_until}"
    if rule.school_holidays != "always":
        yield rule.school_holidays.replace("_", " ")
    if rule.audience != "public":
        yield "for the staff's own bookings"


def _span(start: time, end: time | None) -> str:
    return f"{start:%H:%M}-{end:%H:%M}" if end else f"{start:%H:%M}-24:00"

"""When a clerk is busy elsewhere: spans of time without a title, merged, and the days on which they changed. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec


class Busy(msgspec.Struct, frozen=True, order=True):
    starts_at: datetime
    ends_at: datetime


class Entry(NamedTuple):
    """One occurrence in the clerk's own calendar."""

    uid: str
    busy: Busy


def id_of(entry: Entry) -> UUID | None:
    """Of our invitation, if it is one."""
    try:
        return UUID(entry.uid.partition("@")[0])
    except ValueError:
        return None


def not_ours(entries: Collection[Entry], told: Collection[UUID], visits: Mapping[UUID, Busy]) -> list[Busy]:
    """Without our own invitations, which would block twice: by their UID, called off or not, since programs forget
    slowly. Some servers hide the UID: of a visit that stands and is missing, one entry of its exact time is it.
    """
    found = {id_of(entry) for entry in entries} & set(told)
    missing = Counter(busy for id_, busy in visits.items() if id_ not in found)
    others = []
    for entry in entries:
        if id_of(entry) in found:
            continue
        if missing[entry.busy]:
            missing[entry.busy] -= 1
            continue
        others.append(entry.busy)
    return others


def merge(spans: Iterable[Busy], within: Busy) -> list[Busy]:
    """Cut to `within`, none touching another, by their start."""
    merged: list[Busy] = []
    for span in sorted(spans):
        start, end = max(span.starts_at, within.starts_at), min(span.ends_at, within.ends_at)
        if start >= end:
            continue
        if merged and start <= merged[-1].ends_at:
            merged[-1] = Busy(merged[-1].starts_at, max(merged[-1].ends_at, end))
        else:
            merged.append(Busy(start, end))
    return merged


def touched_runs(before: Collection[Busy], after: Collection[Busy], zone: ZoneInfo) -> list[tuple[date, date]]:
    """Local days on which something changed, as runs of days that follow each other; both ends included."""
    days = sorted({day for span in set(before) ^ set(after) for day in _days(span, zone)})
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = runs[-1][0], day
        else:
            runs.append((day, day))
    return runs


def _days(span: Busy, zone: ZoneInfo) -> Iterator[date]:
    day = span.starts_at.astimezone(zone).date()
    last = (span.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)

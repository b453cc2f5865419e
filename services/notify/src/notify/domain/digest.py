"""One mail a day for clerks who want no invitations: what stands in it, and when it is due."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from contracts.calendars import Agenda
from contracts.tenant import TenantProfile
from notify.domain.telling import Message

MORNING = time(7, 0)
EVENING = time(18, 0)
DAY = timedelta(days=1)


class DigestOccasion(msgspec.Struct, frozen=True):
    """All that goes into its mail."""

    message: Message
    agenda: Agenda
    """Without visits that the clerk was invited to."""
    tenant: TenantProfile
    day: date
    invited_count: int
    """Visits of the day that stand in the clerk's calendar by invitation."""
    letter: None = None

    @property
    def time_zone(self) -> str:
        return self.tenant.time_zone

    @property
    def deadline(self) -> datetime:
        """Quiet hours hold it no longer than that."""
        return self.agenda.visits[-1].start


class Span(NamedTuple):
    since: datetime
    until: datetime


def due_days(tenant: TenantProfile, now: datetime) -> list[date]:
    """Days not yet over whose digest is due, by the tenant's clock."""
    zone = ZoneInfo(tenant.time_zone)
    today = now.astimezone(zone).date()
    return [day for day in (today, today + DAY) if _due_at(tenant, day, zone) <= now]


def _due_at(tenant: TenantProfile, day: date, zone: ZoneInfo) -> datetime:
    if tenant.clerk_digest == "evening":
        return datetime.combine(day - DAY, EVENING, zone)
    return datetime.combine(day, MORNING, zone)


def rest_of(day: date, tenant: TenantProfile, now: datetime) -> Span:
    """What of the day is still to come: 23 or 25 hours of it when the clocks change."""
    zone = ZoneInfo(tenant.time_zone)
    begin, end = (datetime.combine(each, time.min, zone).astimezone(now.tzinfo) for each in (day, day + DAY))
    return Span(max(begin, now), end)


def without_names(agenda: Agenda, erased: Collection[UUID]) -> Agenda:
    """Of citizens who were forgotten since booking was asked."""
    visits = (
        msgspec.structs.replace(visit, citizen=None) if visit.appointment_id in erased else visit
        for visit in agenda.visits
    )
    return msgspec.structs.replace(agenda, visits=tuple(visits))


def digest_of(agenda: Agenda, tenant: TenantProfile, day: date, invited: Collection[str]) -> DigestOccasion | None:
    """None: nothing is to be said. `invited`: UIDs of entries that the clerk has by invitation."""
    visits = tuple(visit for visit in agenda.visits if visit.calendar.uid not in invited)
    if not visits:
        return None
    message = Message(
        audience="clerk",
        kind="digest",
        email=agenda.email,
        language=tenant.clerk_language,
        subject_key=f"digest:{agenda.clerk_id}:{day.isoformat()}",
    )
    own = msgspec.structs.replace(agenda, visits=visits)
    return DigestOccasion(message, own, tenant, day, len(agenda.visits) - len(visits))

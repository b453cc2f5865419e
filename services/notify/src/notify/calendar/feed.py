"""A clerk's visits as a calendar to subscribe to: for overview, since programs refresh it when they like."""

import hashlib
from collections.abc import Collection

from contracts.calendars import Agenda, AgendaVisit
from contracts.tenant import TenantProfile
from kit.ical import Entry, feed
from kit.web.language import Language
from notify.calendar.itip import description_of, location_of
from notify.language import services_of


def write_feed(agenda: Agenda, tenant: TenantProfile, t: Language, invited: Collection[str]) -> bytes:
    """The same visits, the same bytes. `invited`: UIDs that stand in the clerk's calendar by invitation already."""
    name = t("calendar.feed_name", tenant=tenant.name)
    return feed(name, [_entry(visit, t) for visit in agenda.visits if visit.calendar.uid not in invited])


def etag_of(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def _entry(visit: AgendaVisit, t: Language) -> Entry:
    return Entry(
        uid=visit.calendar.uid,
        sequence=visit.calendar.sequence,
        stamp=visit.changed_at,
        start=visit.start,
        end=visit.end,
        time_zone=visit.time_zone,
        summary=t("calendar.summary_clerk", number=visit.number, services=services_of(visit.items, t)),
        description=description_of(visit, visit.citizen, t),
        location=location_of(visit, t),
        url=visit.video_url,
        private=True,
    )

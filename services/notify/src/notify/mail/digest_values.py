"""What the digest's template says: a clerk's visits of one day, a line each."""

from zoneinfo import ZoneInfo

from contracts.calendars import AgendaVisit
from kit.web.formats import Formats
from kit.web.language import Language
from notify.domain.digest import DigestOccasion
from notify.domain.names import defang
from notify.language import day_short, room_of, services_of


def digest_values(occasion: DigestOccasion, t: Language) -> dict[str, object]:
    f = Formats(t)
    visits = occasion.agenda.visits
    return {
        "language": t.code,
        "tenant": occasion.tenant,
        "phone_word": t("mail.phone"),
        "clerk_name": occasion.agenda.display_name,
        "day": f.day_long(occasion.day),
        "day_short": day_short(occasion.day, t),
        "visits": [(_span(visit), _lines(visit, t)) for visit in visits],
        "count": len(visits),
        "invited_count": occasion.invited_count,
    }


def _span(visit: AgendaVisit) -> str:
    return "–".join(each.astimezone(ZoneInfo(visit.time_zone)).strftime("%H:%M") for each in (visit.start, visit.end))


def _lines(visit: AgendaVisit, t: Language) -> list[str]:
    lines = [services_of(visit.items, t), f"{visit.number} · {_where(visit, t)}"]
    return [*lines, defang(visit.citizen)] if visit.citizen else lines


def _where(visit: AgendaVisit, t: Language) -> str:
    if visit.channel == "phone":
        return t("calendar.by_phone")
    if visit.channel == "video":
        return t("calendar.by_video")
    return next(iter(room_of(visit.place, t)), visit.place.name)

"""The languages of mails: a file in `locale/` and a folder in `mail/templates/` each. Others get German."""

from collections.abc import Sequence
from datetime import date
from functools import cache

from contracts.booking import LetterItem, LetterPlace
from kit.ical import room_line
from kit.web.language import DEFAULT, Language, Languages


@cache
def languages() -> Languages:
    return Languages(["kit.web", "notify"])


def room_of(place: LetterPlace, t: Language) -> list[str]:
    return room_line(place.room, t("mail.room"))


def name_of(item: LetterItem, t: Language) -> str:
    """As its reader says it, who need not be the one who booked."""
    return item.names.get(t.code) or item.names.get(DEFAULT) or item.service


def services_of(items: Sequence[LetterItem], t: Language) -> str:
    """For a clerk: on one line, each with its quantity."""
    return ", ".join(f"{item.quantity} × {name_of(item, t)}" for item in items)


def day_short(day: date, t: Language) -> str:
    """Without the year, which a subject line has no room for."""
    return t(
        "mail.day_short",
        weekday_short=t.list("format.weekdays_short")[day.weekday()],
        day=day.day,
        month=day.month,
        month_short=t.list("format.months_short")[day.month - 1],
    )


def language_of(code: str) -> Language:
    return languages().get(code)

"""The languages of mails: a file in `locale/` and a folder in `mail/templates/` each. Others get German."""

from collections.abc import Sequence
from datetime import date
from functools import cache

from contracts.booking import LetterItem, LetterPlace
from kit.ical import room_line
from kit.web.language import Language, Languages


@cache
def languages() -> Languages:
    return Languages(["kit.web", "notify"])


def room_of(place: LetterPlace, t: Language) -> list[str]:
    return room_line(place.room, t("mail.room"))


def services_of(items: Sequence[LetterItem]) -> str:
    """For a clerk: on one line, each with its quantity."""
    return ", ".join(f"{item.quantity} × {item.service}" for item in items)


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

"""The languages of mails: a file in `locale/` and a folder in `mail/templates/` each. Others get German."""

from functools import cache

from contracts.booking import LetterPlace
from kit.web.language import Language, Languages


@cache
def languages() -> Languages:
    return Languages(["kit.web", "notify"])


def room_of(place: LetterPlace, t: Language) -> list[str]:
    """Raum 12, but Schalter 2 as it is; nothing where no room is known."""
    if not place.room:
        return []
    return [f"{t('mail.room')} {place.room}" if place.room[0].isdigit() else place.room]


def language_of(code: str) -> Language:
    return languages().get(code)

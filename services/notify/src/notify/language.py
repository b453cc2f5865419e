"""The languages of mails: a file in `locale/` and a folder in `mail/templates/` each. Others get German."""

import re
from functools import cache

from contracts.booking import LetterPlace
from kit.web.language import Language, Languages

_HAS_WORD = re.compile(r"[^\W\d]{3}")


@cache
def languages() -> Languages:
    return Languages(["kit.web", "notify"])


def room_of(place: LetterPlace, t: Language) -> list[str]:
    """Raum 12, Raum E 04, but Schalter 2 as it is; nothing where no room is known."""
    if not place.room:
        return []
    return [place.room if _HAS_WORD.search(place.room) else f"{t('mail.room')} {place.room}"]


def language_of(code: str) -> Language:
    return languages().get(code)

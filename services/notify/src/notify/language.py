"""The languages of mails: a file in `locale/` and a folder in `mail/templates/` each. Others get German."""

from functools import cache

from kit.web.language import Language, Languages


@cache
def languages() -> Languages:
    return Languages(["kit.web", "notify"])


def language_of(code: str) -> Language:
    return languages().get(code)

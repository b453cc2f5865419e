"""A language is a file in `locale/` and a folder in `mail/templates/`."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from notify.domain.wording import Words

FALLBACK = "de"


@cache
def languages() -> tuple[str, ...]:
    folder = files("notify") / "locale"
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


def choose(language: str) -> str:
    """The language asked for, or German where we have no such texts."""
    return language if language in languages() else FALLBACK


@cache
def words_of(language: str) -> Words:
    text = (files("notify") / "locale" / f"{language}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Words)

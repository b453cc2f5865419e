"""Texts by language. A language is a file `locale/<code>.toml`; adding a file adds the language.

A text is found by its dotted key: `t("home.title", name=…)` fills `{name}`. With `count=…` the key's `one` or `other`
is taken. What a language lacks is taken from German.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from kit.requests import AnyConnection

DEFAULT = "de"
COOKIE = "schalter_language"


class Language:
    """The texts of one language, called as `t(key, **values)`."""

    def __init__(self, code: str, texts: Mapping[str, str], fallback: Mapping[str, str]) -> None:
        self.code = code
        self._texts = texts
        self._fallback = fallback

    def __call__(self, key: str, **values: object) -> str:
        if "count" in values:
            key = f"{key}.{'one' if values['count'] == 1 else 'other'}"
        text = self._texts.get(key) or self._fallback.get(key)
        if text is None:
            raise KeyError(f"No text for {key!r} in locale/{self.code}.toml, nor in locale/{DEFAULT}.toml.")
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        return key in self._texts or key in self._fallback

    def list(self, key: str, **values: object) -> list[str]:
        """A text of several parts, divided by `|`: names of months, paragraphs."""
        return [part.strip() for part in self(key, **values).split("|")]


class Languages:
    def __init__(self, packages: Iterable[str]) -> None:
        texts: dict[str, dict[str, str]] = {}
        for package in packages:
            for file in sorted(Path(str(files(package) / "locale")).glob("*.toml")):
                texts.setdefault(file.stem, {}).update(_flatten(tomllib.loads(file.read_text("utf-8"))))
        self._languages = {code: Language(code, texts[code], texts[DEFAULT]) for code in sorted(texts)}

    @property
    def codes(self) -> list[str]:
        return list(self._languages)

    def get(self, code: str) -> Language:
        return self._languages.get(code, self._languages[DEFAULT])

    def choose(self, request: AnyConnection, house: str | None = None) -> Language:
        """`?lang=` goes before the cookie, the cookie before the browser's wish, and German is the last resort. Where
        the page is written in the language of the house, that stands in place of the browser's wish.
        """
        wishes = [
            request.query_params.get("lang", ""),
            request.cookies.get(COOKIE, ""),
            *([house] if house else _accepted(request.headers.get("accept-language", ""))),
        ]
        return self.get(next((wish for wish in wishes if wish in self._languages), DEFAULT))


def _flatten(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = str(value).strip()
    return flat


def _accepted(header: str) -> list[str]:
    """Language codes of `Accept-Language` (RFC 9110, 12.5.4), most wanted first; regions are left out."""
    found = re.findall(r"([a-zA-Z]{2,3})(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?(?:,|$)", header[:200])
    ranked = sorted(found, key=lambda item: -float(item[1] or 1))
    return [code.lower() for code, quality in ranked if float(quality or 1) > 0]

"""Values from citizens, made inert: they are shown, and do nothing."""

import re
import unicodedata

LENGTH_MAX = 120

_DOT_OF_A_DOMAIN = re.compile(r"(?<=\w)[.。．｡](?=\w\w|\d)")
_SCHEME = re.compile(r":(?=/)")


def defang(text: str) -> str:
    """On one line, without control characters, and without anything that a mail program would turn into a link.

    A space parts what looks like a domain: "Dr.Müller" stays readable, "evil.example" is no address any more.
    """
    plain = "".join(" " if char.isspace() else char for char in text if char.isspace() or _is_shown(char))
    plain = _SCHEME.sub(": ", _DOT_OF_A_DOMAIN.sub(". ", plain)).replace("@", " (at) ")
    plain = " ".join(plain.split())
    return plain if len(plain) <= LENGTH_MAX else plain[: LENGTH_MAX - 1] + "…"


def _is_shown(char: str) -> bool:
    """Neither control characters nor format characters: the latter turn the direction of text, or hide in it."""
    return char == "\N{ZERO WIDTH JOINER}" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}

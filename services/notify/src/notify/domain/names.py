"""What citizens and members of the staff type, made inert: it is shown, and does nothing."""

import re
import unicodedata

LENGTH_MAX = 120
NOTE_LENGTH_MAX = 1000

_DOT_OF_A_DOMAIN = re.compile(r"(?<=\w)[.。．｡](?=\w\w|\d)")
_SCHEME = re.compile(r":(?=/)")


def defang(text: str, length_max: int = LENGTH_MAX) -> str:
    """On one line, without control characters, and without anything that a mail program would turn into a link.

    A space parts what looks like a domain: "Dr.Müller" stays readable, "evil.example" is no address any more.
    """
    plain = "".join(" " if char.isspace() else char for char in text if char.isspace() or _is_shown(char))
    plain = _SCHEME.sub(": ", _DOT_OF_A_DOMAIN.sub(". ", plain)).replace("@", " (at) ")
    plain = " ".join(plain.split())
    return plain if len(plain) <= length_max else plain[: length_max - 1] + "…"


def defang_note(note: str) -> list[str]:
    """The same of several lines, in the office's own words; empty ones are left out."""
    lines = [defang(line, NOTE_LENGTH_MAX) for line in note.splitlines()]
    return [line for line in lines if line]


def _is_shown(char: str) -> bool:
    """Neither control characters nor format characters: the latter turn the direction of text, or hide in it."""
    return char == "\N{ZERO WIDTH JOINER}" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}

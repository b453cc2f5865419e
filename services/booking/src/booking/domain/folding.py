"""German text as keys for sorting and searching: made in Python, because the database may know no German at all."""

import re
import unicodedata

_WHOLE = {"ł": "l", "đ": "d", "ð": "d", "ı": "i", "ħ": "h", "ŧ": "t", "þ": "th"}
"""Letters that Unicode does not take apart into a bare one and its mark."""
_GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe"} | _WHOLE
)
_BARE = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "s"} | _WHOLE)
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_NAME_PREFIXES = (
    frozenset({"von", "vom", "zu", "zum", "zur", "der", "den", "dem", "des", "das", "und", "in", "auf"})
    | {"van", "te", "ten", "ter", "het", "t", "op"}
    | {"de", "da", "di", "do", "dos", "du", "del", "della", "la", "le"}
)
_TITLES = frozenset({"graf", "graefin", "freiherr", "freifrau", "baron", "baronin", "prinz", "prinzessin", "ritter"})
_STREET_WORDS = {"st": "sankt"}
_STR = re.compile(r"str$")
_NOISE = frozenset(
    {"der", "die", "das", "den", "dem", "ein", "eine", "einen", "fuer", "im", "in", "am", "an", "bei", "mit", "und"}
    | {"oder", "zu", "zum", "zur", "the", "a", "my"}
)


_PARTICIPLE = re.compile(r"^(ab|an|auf|aus|ein|um)ge(?=[a-z]{3,}t$)")
"""Of regular verbs whose beginning stands apart: "angemeldet". Others ("umgezogen") are synonyms in the catalogue."""


def fold(text: str) -> str:
    """Small letters and digits, words apart by one blank: "Übach-Palenberg" → "uebach palenberg" (DIN 5007-2)."""
    return _plain(text.lower().translate(_GERMAN))


def fold_bare(text: str) -> str:
    """As people type who have no umlauts: "Führerschein" → "fuhrerschein"."""
    return _plain(text.lower().translate(_BARE))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", letters).strip()


def search_key(*texts: str) -> str:
    """All words of the texts in both foldings, each once."""
    words = (word for text in texts for folded in (fold(text), fold_bare(text)) for word in folded.split())
    return " ".join(dict.fromkeys(words))


def query_words(query: str) -> tuple[str, ...]:
    """The words to look for, a participle as its verb; small words count only where there are no others."""
    words = tuple(dict.fromkeys(_PARTICIPLE.sub(r"\1", word) for word in fold(query).split()))
    return tuple(word for word in words if word not in _NOISE) or words


def letter_of(name: str) -> str:
    """The letter under which a name stands in a list A-Z; "#" where it begins with none."""
    first = fold(name)[:1].upper()
    return first if first.isalpha() else "#"


def surname_key(surname: str) -> str:
    """Without prefixes: "von der Heide" stands under H (as on German counters), "Österreich" under OE.

    A title goes with the prefix that follows it ("Graf von Spee" is S); alone it is a name ("Graf").
    """
    words = fold(surname).split()
    if len(words) > 2 and words[0] in _TITLES and words[1] in _NAME_PREFIXES:
        words.pop(0)
    while len(words) > 1 and words[0] in _NAME_PREFIXES:
        words.pop(0)
    return " ".join(words)


def street_key(street: str) -> str:
    """However it is written: "Valkenburger Str.", "Valkenburger-Straße" and "valkenburgerstrasse" are one street."""
    return "".join(_STREET_WORDS.get(word, _STR.sub("strasse", word)) for word in fold(street).split())

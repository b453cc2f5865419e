"""The appointment's number: what people read out on the phone, so nothing in it looks or sounds like something else."""

import re
from collections.abc import Callable, Sequence

ALPHABET = "2345679CDFGHJKMNPQRTVWXYZ"
"""No 0/O, 1/I/L, 8/B, S, and no vowels, so that no words come out."""
HALF = 4


def new_number(choose: Callable[[Sequence[str]], str]) -> str:
    """Such as "K7MX-49QT": 1.5 × 10¹¹ of them. `choose` picks one of a sequence (`secrets.choice`)."""
    letters = "".join(choose(ALPHABET) for _ in range(2 * HALF))
    return f"{letters[:HALF]}-{letters[HALF:]}"


def normalise(text: str) -> str:
    """As people type it, in our form: small letters, spaces and a missing hyphen do no harm."""
    letters = re.sub(r"[^0-9A-Z]", "", text.upper())
    return f"{letters[:HALF]}-{letters[HALF:]}"

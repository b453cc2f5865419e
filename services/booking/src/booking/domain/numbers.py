"""Appointment numbers: what people read out on the telephone."""

from collections.abc import Callable, Sequence

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which look alike. 32 letters, 8 of them: 10^12 numbers for each tenant."""


def draw_number(choose: Callable[[Sequence[str]], str]) -> str:
    letters = [choose(ALPHABET) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def tidy_number(text: str) -> str:
    """As people type it, in our form: small letters, blanks and a missing hyphen do no harm."""
    letters = "".join(char for char in text.upper() if char.isalnum())
    return letters[:4] + "-" + letters[4:]

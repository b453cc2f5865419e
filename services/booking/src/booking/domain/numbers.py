"""Appointment numbers: what people read out on the telephone."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which look alike. 32 letters, 8 of them: 10^12 numbers for each tenant."""
NUMBER_BYTES = 5


def make_number(chance: bytes) -> str:
    """Five bits a letter, in the form K7MP-4QXZ."""
    bits = int.from_bytes(chance, "big")
    letters = "".join(ALPHABET[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:4]}-{letters[4:]}"


def tidy_number(text: str) -> str:
    """As people type it, in our form: small letters, blanks and a missing hyphen do no harm."""
    letters = _letters(text)
    return letters[:4] + "-" + letters[4:]


def begin_of_number(text: str) -> str:
    """The first letters of a number, in our form: "k7mp4" → "K7MP-4"."""
    letters = _letters(text)
    return letters if len(letters) <= 4 else tidy_number(letters)


def tidy_code(text: str) -> str:
    """The code of a place's poster, as people type it."""
    return _letters(text)


def _letters(text: str) -> str:
    return "".join(char for char in text.upper() if char.isascii() and char.isalnum())

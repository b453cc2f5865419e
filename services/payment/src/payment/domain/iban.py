"""ISO 13616: the number of a bank account, with its check digits."""

import re


def is_iban(text: str) -> bool:
    """Without spaces. The remainder by 97, with the first four characters at the end, is 1."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def shorten_iban(iban: str) -> str:
    """For messages: enough to tell accounts apart."""
    return f"{iban[:4]}…{iban[-4:]}"

"""The Kassenzeichen: what the treasury books by, made from the tenant's own template.

A template is text with the fields `{year}`, `{number}` or `{number:07}`, and `{check}` at its end: one check digit by
ISO/IEC 7064 MOD 11,10 (also used by the German tax id) over all digits before it. It finds every single wrong digit.
"""

import re

_TEMPLATE = re.compile(r"[A-Z0-9./-]*(?:\{year\}[A-Z0-9./-]*)?\{number(?::0\d{1,2})?\}[A-Z0-9./-]*\{check\}")
LENGTH_MAX = 27
"""What a bank statement's purpose shows in full (XBezahldienste: `purpose` ≤ 27)."""


class TemplateInvalid(ValueError):
    """The template cannot make unique references."""


def check_template(template: str) -> str:
    """Raises TemplateInvalid."""
    if not _TEMPLATE.fullmatch(template) or len(make(template, year=2026, number=9_999_999)) > LENGTH_MAX:
        raise TemplateInvalid(
            f"{template!r} is no Kassenzeichen template: capital letters, digits and ./- with {{number}} or"
            f" {{number:07}}, perhaps {{year}} before it, and {{check}} at the end; at most {LENGTH_MAX} characters."
        )
    return template


def make(template: str, *, year: int, number: int) -> str:
    body = template.removesuffix("{check}").format(year=year, number=number)
    return f"{body}{check_digit(body)}"


def check_digit(body: str) -> int:
    """ISO/IEC 7064 MOD 11,10 over the digits of `body`."""
    product = 10
    for digit in (int(character) for character in body if character.isdigit()):
        total = (digit + product) % 10 or 10
        product = (2 * total) % 11
    return (11 - product) % 10


def is_valid(reference: str) -> bool:
    return reference[-1:].isdigit() and check_digit(reference[:-1]) == int(reference[-1])

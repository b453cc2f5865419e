"""Whom a server's refusal blames, whether it says so at RCPT or a report brings its words later."""

import re

_NOT_FOR_US = re.compile(r"5\.1\.[78]\b|(?!5\.[1-9]).*\b(relay|sender)|5\.7\..*\brelay", re.IGNORECASE | re.DOTALL)
"""By the enhanced code (RFC 3463); by words alone where there is none, or one that says nothing (5.0.0)."""
_NAMES = re.compile(r"\S*[@.][a-z]\S*", re.IGNORECASE)
"""Addresses and hosts in an answer: a citizen at relay.example must not look like a server's refusal of us."""


def blames_us(answer: str) -> bool:
    """Our sender's address is refused, or mail of ours altogether: nothing is said about the recipient's."""
    return _NOT_FOR_US.match(_NAMES.sub("", answer)) is not None

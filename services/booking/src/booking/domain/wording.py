"""What the catalogue says in two languages, of which German is always there. Pure."""

from typing import TypeVar

T = TypeVar("T", str, tuple[str, ...])


def worded(language: str, german: T, english: T) -> T:
    """German where nobody translated it, and for whoever reads another language."""
    return english if language == "en" and english else german

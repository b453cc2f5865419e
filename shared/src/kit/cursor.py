"""`next_cursor` of lists: where the page before ended, opaque to whoever carries it."""

import base64
from typing import TypeVar

import msgspec

T = TypeVar("T")


def cut(found: list[T], size: int) -> tuple[list[T], T | None]:
    """A page, and its last entry if more follow it: of a list that was asked for one more than a page holds."""
    return (found[:size], found[size - 1]) if len(found) > size else (found, None)


def write_cursor(last: msgspec.Struct) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(last)).decode()


def read_cursor(text: str, type_: type[T]) -> T:
    """Raises ValueError."""
    return msgspec.json.decode(base64.urlsafe_b64decode(text), type=type_)

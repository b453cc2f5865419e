from typing import TypeVar

from booking.domain.errors import Invalid
from kit.cursor import read_cursor

T = TypeVar("T")


def position_of(cursor: str, type_: type[T]) -> T:
    """Where the page before ended, as the caller carried it. Raises Invalid."""
    try:
        return read_cursor(cursor, type_)
    except ValueError:
        raise Invalid.field("cursor", "expected a next_cursor of this list") from None

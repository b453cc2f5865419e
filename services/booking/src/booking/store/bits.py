"""Masks between Python's integers and PostgreSQL's `bit(288)`."""

from asyncpg import BitString

from booking.domain.slots import FULL, STEPS, doubling_shifts

_BYTES = STEPS // 8
_SENT_BITS = 32 + STEPS
"""What `bit_send` makes of a mask: four bytes of length, and the bits."""


def to_bit(mask: int) -> BitString:
    return BitString.frombytes(mask.to_bytes(_BYTES, "big"), STEPS)


def to_text(mask: int) -> str:
    """As PostgreSQL reads it from JSON."""
    return format(mask, f"0{STEPS}b")


def from_bit(value: BitString) -> int:
    return int.from_bytes(value.bytes, "big")


def from_sent(value: bytes) -> int:
    """From `bit_send(…)`: asyncpg builds no object for it. For the longest lists."""
    return int.from_bytes(value[4:], "big")


def starts_of_any(sent: bytes, length: int) -> int:
    """The steps from which one of several masks has `length` free steps in a row. `sent` is what `bit_send` made of
    each, one after the other in any order.

    All masks are one long integer here. A run that begins too late in the day to end in it may seem to go on in the
    next mask, so such starts are cut off.
    """
    masks, count = int.from_bytes(sent, "big"), len(sent) * 8 // _SENT_BITS
    for shift in doubling_shifts(length):
        masks &= masks << shift
    while count > 1:
        half = (count + 1) // 2
        masks |= masks >> half * _SENT_BITS
        count = half
    return masks & (FULL >> length - 1 << length - 1)

"""Masks between Python's integers and PostgreSQL's `bit(288)`."""

from asyncpg import BitString

from booking.domain.slots import STEPS

_BYTES = STEPS // 8


def to_bit(mask: int) -> BitString:
    return BitString.frombytes(mask.to_bytes(_BYTES, "big"), STEPS)


def to_text(mask: int) -> str:
    """As PostgreSQL reads it from JSON."""
    return format(mask, f"0{STEPS}b")


def from_bit(value: BitString) -> int:
    return int.from_bytes(value.bytes, "big")


def from_sent(value: bytes) -> int:
    """From `bit_send(…)`, four bytes of length and the bits: asyncpg builds no object for it. For the longest lists."""
    return int.from_bytes(value[4:], "big")
